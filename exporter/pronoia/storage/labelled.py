"""Recordings whose steps are labelled: the column `label` is 1 where a step is anomalous."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.evaluation.anomaly.recorded import LabelledSystem, split_system
from pronoia.storage.recording import TIMESTAMP, TRUTH_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


def load_labelled(path: Path, train_share: float, wanted: Collection[str] | None = None) -> list[LabelledSystem]:
    """The systems of a recording, by name: each distinct set of its string columns is one.

    Args:
        path: a Parquet file.
        train_share: share of a system's steps that is history, where the recording has no column `is_test`.
        wanted: names of systems; None takes all.

    Raises:
        ConfigError: if it cannot be read, has no labels, or a system that is wanted does not occur.
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise ConfigError([ConfigProblem("--data", f"{path} is not a readable Parquet file: {error}")]) from error
    types = dict(zip(table.schema.names, table.schema.types, strict=True))
    if TIMESTAMP not in types or "label" not in types:
        needed = f"columns {TIMESTAMP!r} and 'label' are needed; it has {', '.join(types)}"
        raise ConfigError([ConfigProblem("--data", f"{path}: {needed}")])
    names = [name for name, kind in types.items() if pa.types.is_string(kind) or pa.types.is_large_string(kind)]
    metrics = tuple(name for name in types if name not in {TIMESTAMP, *TRUTH_COLUMNS, *names})
    labels = [table.column(name).to_pylist() for name in names]
    keys = np.array(["/".join(str(part) for part in row) for row in zip(*labels, strict=True)] or [""] * len(table))
    present = sorted(set(keys.tolist()))
    absent = sorted(set(wanted or ()) - set(present))
    if absent:
        raise ConfigError([ConfigProblem("--systems", f"no {', '.join(absent)}; there are {', '.join(present)}")])
    numbers = {
        name: table.column(name).to_numpy().astype(np.float64) for name in types if name not in {TIMESTAMP, *names}
    }
    instants = table.column(TIMESTAMP).to_numpy()
    systems = []
    for name in present if wanted is None else sorted(wanted):
        rows = np.flatnonzero(keys == name)
        rows = rows[np.argsort(instants[rows], kind="stable")]
        is_test = (
            numbers["is_test"][rows] > 0.0 if "is_test" in numbers else np.arange(len(rows)) >= train_share * len(rows)
        )
        values = np.column_stack([numbers[metric][rows] for metric in metrics])
        systems.append(
            split_system(
                name,
                metrics,
                timestamps_ms=instants[rows],
                values=values,
                label=numbers["label"][rows] > 0.0,
                is_test=is_test,
            )
        )
    return systems
