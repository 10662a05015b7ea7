"""Quantiles of a window's samples: `quantile_over_time` and `mad_over_time`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.range_functions.filled import filled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.range_functions.filled import WindowValues
    from pronoia.promql.windows import Windows


def quantile_over_time(windows: Windows, quantile: NDArray[np.float64]) -> WindowValues:
    """The value below which a share of the samples lies, interpolated between two; NaN counts as the smallest.

    Args:
        windows: samples.
        quantile: float64 (n_steps,), the share; below 0 gives -Inf, above 1 +Inf, NaN gives NaN.
    """
    some = filled(windows)
    return some.spread(_quantiles(windows.values, some.first, some.last, some.at_each(quantile), of_deviations=False))


def mad_over_time(windows: Windows) -> WindowValues:
    """Median absolute deviation: the median of how far the values are from their median."""
    some = filled(windows)
    median = np.full(len(some.first), 0.5)
    return some.spread(_quantiles(windows.values, some.first, some.last, median, of_deviations=True))


@compiled
def _quantiles(
    values: NDArray[np.float64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    quantiles: NDArray[np.float64],
    of_deviations: bool,
) -> NDArray[np.float64]:
    """Each window's quantile, of the values or of their distances from that quantile.

    The values are kept in order from window to window: putting one in and taking one out is cheaper than sorting anew.
    """
    longest = 0
    for w in range(len(first)):
        longest = max(longest, last[w] - first[w])
    ordered, deviations = np.empty(longest), np.empty(longest)
    results = np.empty(len(first))
    n_ordered = begin = end = 0
    for w in range(len(first)):
        if first[w] >= end:
            n_ordered, begin, end = 0, first[w], first[w]
        for s in range(begin, first[w]):
            if not math.isnan(values[s]):
                n_ordered = _take_out(ordered, n_ordered, values[s])
        for s in range(end, last[w]):
            if not math.isnan(values[s]):
                n_ordered = _put_in(ordered, n_ordered, values[s])
        begin, end = first[w], last[w]
        results[w] = interpolated(ordered, n_ordered, end - begin, quantiles[w])
        if of_deviations:
            n_deviations = _distances(ordered, n_ordered, results[w], deviations)
            results[w] = interpolated(deviations, n_deviations, end - begin, quantiles[w])
    return results


@compiled
def interpolated(ordered: NDArray[np.float64], n_ordered: int, n: int, quantile: float) -> float:
    """Quantile of n values: `n_ordered` in order, after as many NaN as are missing."""
    if math.isnan(quantile):
        return math.nan
    if quantile < 0:
        return -math.inf
    if quantile > 1:
        return math.inf
    rank = quantile * (n - 1)
    lower = math.floor(rank)
    upper = min(n - 1, lower + 1)
    weight = rank - lower
    n_nan = n - n_ordered
    if lower < n_nan:
        return math.nan
    between: float = ordered[lower - n_nan] * (1 - weight) + ordered[upper - n_nan] * weight
    return between


@compiled
def _distances(ordered: NDArray[np.float64], n_ordered: int, center: float, distances: NDArray[np.float64]) -> int:
    """Distances from the center in order, less those that are NaN; how many there are.

    They rise to both sides of the center, so that two ordered halves are merged.
    """
    above = _position(ordered, n_ordered, center)
    below = above - 1
    n_distances = 0
    while below >= 0 or above < n_ordered:
        to_below = center - ordered[below] if below >= 0 else math.inf
        to_above = ordered[above] - center if above < n_ordered else math.inf
        if below >= 0 and (above >= n_ordered or to_below < to_above):
            nearest = to_below
            below -= 1
        else:
            nearest = to_above
            above += 1
        if not math.isnan(nearest):
            distances[n_distances] = nearest
            n_distances += 1
    return n_distances


@compiled
def _put_in(ordered: NDArray[np.float64], n_ordered: int, value: float) -> int:
    position = _position(ordered, n_ordered, value)
    for k in range(n_ordered, position, -1):
        ordered[k] = ordered[k - 1]
    ordered[position] = value
    return n_ordered + 1


@compiled
def _take_out(ordered: NDArray[np.float64], n_ordered: int, value: float) -> int:
    for k in range(_position(ordered, n_ordered, value), n_ordered - 1):
        ordered[k] = ordered[k + 1]
    return n_ordered - 1


@compiled
def _position(ordered: NDArray[np.float64], n_ordered: int, value: float) -> int:
    """How many of the ordered values are smaller."""
    low, high = 0, n_ordered
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low
