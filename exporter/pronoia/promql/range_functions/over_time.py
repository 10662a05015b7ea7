"""A window's samples put together: sum, mean, spread, count, and its first and last."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.compensated import add
from pronoia.promql.range_functions.blocks import block_sums, window_sum
from pronoia.promql.range_functions.filled import filled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.range_functions.filled import WindowValues
    from pronoia.promql.windows import Windows


def sum_over_time(windows: Windows) -> WindowValues:
    """Sum of the values."""
    some = filled(windows)
    return some.spread(_sums(windows.values, some.first, some.last))


def avg_over_time(windows: Windows) -> WindowValues:
    """Mean of the values, finite even where their sum is too large for a float."""
    some = filled(windows)
    return some.spread(_means(windows.values, some.first, some.last))


def stdvar_over_time(windows: Windows) -> WindowValues:
    """Variance of the values around their mean (divided by n, not by n - 1)."""
    some = filled(windows)
    return some.spread(_variances(windows.values, some.first, some.last))


def stddev_over_time(windows: Windows) -> WindowValues:
    """Square root of `stdvar_over_time`."""
    values, present = stdvar_over_time(windows)
    return np.sqrt(values), present


def count_over_time(windows: Windows) -> WindowValues:
    """Number of samples."""
    some = filled(windows)
    return some.spread((some.last - some.first).astype(np.float64))


def present_over_time(windows: Windows) -> WindowValues:
    """1 where there is any sample."""
    some = filled(windows)
    return some.spread(np.ones(len(some.first)))


def first_over_time(windows: Windows) -> WindowValues:
    """The oldest value."""
    some = filled(windows)
    return some.spread(windows.values[some.first])


def last_over_time(windows: Windows) -> WindowValues:
    """The newest value."""
    some = filled(windows)
    return some.spread(windows.values[some.last - 1])


def ts_of_first_over_time(windows: Windows) -> WindowValues:
    """When the oldest sample was taken, seconds since 1970."""
    some = filled(windows)
    return some.spread(windows.timestamps_ms[some.first] / 1000)


def ts_of_last_over_time(windows: Windows) -> WindowValues:
    """When the newest sample was taken, seconds since 1970."""
    some = filled(windows)
    return some.spread(windows.timestamps_ms[some.last - 1] / 1000)


@compiled
def _sums(values: NDArray[np.float64], first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
    sums = np.empty(len(first))
    blocks, blocks_lost = block_sums(values)
    for w in range(len(first)):
        total, lost = window_sum(values, blocks, blocks_lost, first[w], last[w])
        # Once infinite, what was lost since has no meaning.
        sums[w] = total if math.isinf(total) else total + lost
    return sums


@compiled
def _means(values: NDArray[np.float64], first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
    means = np.empty(len(first))
    blocks, blocks_lost = block_sums(values)
    for w in range(len(first)):
        total, lost = window_sum(values, blocks, blocks_lost, first[w], last[w])
        n = float(last[w] - first[w])
        means[w] = total / n + lost / n if math.isfinite(total) else _running_mean(values, first[w], last[w])
    return means


@compiled
def _running_mean(values: NDArray[np.float64], first: int, last: int) -> float:
    """Mean of `values[first:last]` whose sum is too large for a float, or of values that are not all finite."""
    total, lost = values[first], 0.0
    overflowed = False
    for s in range(first + 1, last):
        n = float(s - first + 1)
        if not overflowed:
            increased, increased_lost = add(values[s], total, lost)
            if not math.isinf(increased):
                total, lost = increased, increased_lost
                continue
            # From here on `total` is the mean so far, which is less exact, but stays in range.
            overflowed = True
            total, lost = total / (n - 1), lost / (n - 1)
        kept = (n - 1) / n
        total, lost = add(values[s] / n, kept * total, kept * lost)
    n = float(last - first)
    mean: float = total + lost if overflowed else total / n + lost / n
    return mean


@compiled
def _variances(values: NDArray[np.float64], first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
    """Welford's algorithm ("Note on a method for calculating corrected sums of squares", 1962), sums compensated."""
    variances = np.empty(len(first))
    for w in range(len(first)):
        n = mean = mean_lost = squares = squares_lost = 0.0
        for s in range(first[w], last[w]):
            n += 1.0
            distance = values[s] - (mean + mean_lost)
            mean, mean_lost = add(distance / n, mean, mean_lost)
            squares, squares_lost = add(distance * (values[s] - (mean + mean_lost)), squares, squares_lost)
        variances[w] = (squares + squares_lost) / n
    return variances
