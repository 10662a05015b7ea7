"""Recordings written by tests."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pronoia.series import LabelSet, SeriesFrame


def write_recording(file: Path, frame: SeriesFrame) -> None:
    """A frame whose series all have the same instants, in the layout of `pronoia.storage.recording`."""
    rows: dict[LabelSet, dict[str, NDArray[np.float64]]] = defaultdict(dict)
    for labels, _, values in frame:
        rows[labels.without(METRIC_NAME)][labels.name] = values
    times = frame.timestamps_ms[: frame.indptr[1]]
    absent = np.full(len(times), np.nan)
    names = sorted({name for labels in rows for name, _ in labels.items()})
    metrics = sorted({labels.name for labels in frame.labels})
    columns: dict[str, pa.Array] = {"timestamp": pa.array(np.tile(times, len(rows)))}
    for name in names:
        columns[name] = pa.array([labels.get(name) for labels in rows for _ in times], pa.string())
    for metric in metrics:
        columns[metric] = pa.array(np.concatenate([row.get(metric, absent) for row in rows.values()]))
    pq.write_table(pa.table(columns), file)
