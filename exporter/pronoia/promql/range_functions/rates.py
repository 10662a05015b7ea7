"""How fast a series moves: `rate`, `increase`, `delta` over a window, `irate`, `idelta` over its newest two samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.range_functions.filled import filled
from pronoia.promql.rows import by_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.range_functions.filled import WindowValues
    from pronoia.promql.windows import Windows


def rate(windows: Windows, *, zero_point_first: bool = False) -> WindowValues:
    """Increase of a counter per second; see `increase`."""
    return _extrapolated(windows, windows.range_ms / 1000, is_counter=True, zero_point_first=zero_point_first)


def increase(windows: Windows, *, zero_point_first: bool = False) -> WindowValues:
    """Increase of a counter, extrapolated to the whole window; a fall counts as a reset to zero.

    Windows of fewer than two samples give nothing.

    Args:
        windows: samples of counters.
        zero_point_first: see `Semantics`.
    """
    return _extrapolated(windows, 1.0, is_counter=True, zero_point_first=zero_point_first)


def delta(windows: Windows) -> WindowValues:
    """Difference between the newest and the oldest sample of a gauge, extrapolated to the whole window."""
    return _extrapolated(windows, 1.0, is_counter=False, zero_point_first=False)


def irate(windows: Windows) -> WindowValues:
    """Increase of a counter per second between its newest two samples."""
    two = filled(windows, at_least=2)
    newest, before = windows.values[two.last - 1], windows.values[two.last - 2]
    elapsed_ms = windows.timestamps_ms[two.last - 1] - windows.timestamps_ms[two.last - 2]
    with np.errstate(invalid="ignore"):
        # After a reset the counter has come from zero to where it is.
        return two.spread(np.where(newest < before, newest, newest - before) / (elapsed_ms / 1000))


def idelta(windows: Windows) -> WindowValues:
    """Difference between the newest two samples of a gauge."""
    two = filled(windows, at_least=2)
    with np.errstate(invalid="ignore"):
        return two.spread(windows.values[two.last - 1] - windows.values[two.last - 2])


def _extrapolated(windows: Windows, per_seconds: float, *, is_counter: bool, zero_point_first: bool) -> WindowValues:
    values, present = np.zeros(windows.first.shape), np.zeros(windows.first.shape, np.bool_)
    # Of all series at once: a fall from one series' last sample to the next one's first is inside no window.
    falls = windows.values[1:] < windows.values[:-1] if is_counter else np.zeros(0, np.bool_)
    resets = np.flatnonzero(falls) + 1

    def extrapolate(rows: slice) -> None:
        _extrapolate(
            windows.timestamps_ms, windows.values, windows.first[rows], windows.last[rows], resets,
            windows.ends_ms, windows.range_ms, per_seconds, is_counter=is_counter, zero_point_first=zero_point_first,
            values=values[rows], present=present[rows],
        )  # fmt: skip

    by_rows(len(windows.labels), len(windows.ends_ms), extrapolate)
    return values, present


@compiled
def _extrapolate(
    timestamps_ms: NDArray[np.int64],
    samples: NDArray[np.float64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    resets: NDArray[np.int64],
    ends_ms: NDArray[np.int64],
    range_ms: int,
    per_seconds: float,
    is_counter: bool,
    zero_point_first: bool,
    values: NDArray[np.float64],
    present: NDArray[np.bool_],
) -> None:
    """`resets` are the indices of samples below the one before; from window to window they are only walked forward."""
    next_reset = 0
    for i in range(first.shape[0]):
        for t in range(first.shape[1]):
            oldest, newest = first[i, t], last[i, t] - 1
            if newest <= oldest:
                continue
            rise = samples[newest] - samples[oldest]
            while next_reset < len(resets) and resets[next_reset] <= oldest:
                next_reset += 1
            reset = next_reset
            while reset < len(resets) and resets[reset] <= newest:
                rise += samples[resets[reset] - 1]
                reset += 1

            to_start = (timestamps_ms[oldest] - (ends_ms[t] - range_ms)) / 1000
            to_end = (ends_ms[t] - timestamps_ms[newest]) / 1000
            sampled = (timestamps_ms[newest] - timestamps_ms[oldest]) / 1000
            between = sampled / (newest - oldest)
            # A boundary farther away than the samples are from each other was not reached by the series: it is taken
            # to have begun, or ended, half an interval away.
            too_far = between * 1.1
            to_zero = np.inf
            if is_counter and rise > 0 and samples[oldest] >= 0:
                to_zero = sampled * (samples[oldest] / rise)
            if zero_point_first:
                to_start = min(to_start, to_zero)
            if to_start >= too_far:
                to_start = between / 2
            # No counter was ever below zero.
            to_start = min(to_start, to_zero)
            if to_end >= too_far:
                to_end = between / 2
            values[i, t] = rise * ((sampled + to_start + to_end) / sampled / per_seconds)
            present[i, t] = True
