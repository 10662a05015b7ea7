"""Range vectors of a few samples, and functions of them, for tests that state both in a line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.promql.windows import windows_over
from pronoia.series import LabelSet, SeriesFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pronoia.promql.range_functions.filled import WindowValues
    from pronoia.promql.windows import Windows

NAN, INF = math.nan, math.inf


def windows_of(
    *series: dict[float, float],
    at: Sequence[float],
    range_seconds: float,
    offset_seconds: float = 0,
    closed: bool = False,
) -> Windows:
    """Windows that end at some seconds, over series given as value by second."""
    frame = SeriesFrame.from_series(
        {
            LabelSet({"i": str(i)}): ([round(second * 1000) for second in samples], list(samples.values()))
            for i, samples in enumerate(series)
        }
    )
    times_ms = np.array([round(second * 1000) for second in at], np.int64)
    ends_ms = times_ms - round(offset_seconds * 1000)
    return windows_over(frame, times_ms, ends_ms, round(range_seconds * 1000), left_open=not closed)


def every(seconds: float, *values: float, start: float | None = None) -> dict[float, float]:
    """Samples at regular seconds, the first after one interval."""
    begin = seconds if start is None else start
    return {begin + i * seconds: value for i, value in enumerate(values)}


def told(result: WindowValues) -> list[list[float | None]]:
    """Per series the value at each instant, None where there is none."""
    values, present = result
    return [
        [value if there else None for value, there in zip(row, seen, strict=True)]
        for row, seen in zip(values.tolist(), present.tolist(), strict=True)
    ]


def over(function: Callable[..., WindowValues], *values: float, scalars: Sequence[float] = ()) -> float | None:
    """A function of one window that holds these values, ten seconds apart, the last one at its end."""
    at = 10 * len(values)
    windows = windows_of(every(10, *values), at=[at], range_seconds=at)
    ((value,),) = told(function(windows, *(np.array([scalar]) for scalar in scalars)))
    return value
