"""`histogram_quantile` on classic histograms.

Source: prometheus/prometheus promql/quantile.go, BucketQuantile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.instant_functions.buckets import classic_histograms, merge_present
from pronoia.promql.vector import Scalar, Vector, relabelled

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Counts that differ by less of their sum differ by rounding.
_TOLERANCE = 1e-12
_SMALLEST_NORMAL = float(np.finfo(np.float64).smallest_normal)
_LARGEST = float(np.finfo(np.float64).max)


def histogram_quantile(phi: Scalar, buckets: Vector) -> Vector:
    """The value below which a fraction φ of the observations lies, linear inside of a bucket.

    NaN for a histogram without observations, with one bucket, or without the one for `+Inf`. Above the second highest
    bound there is nothing to interpolate to, so that bound is given. Counts that fall from one bucket to the next are
    lifted.

    Args:
        phi: in [0, 1]; gives -Inf below, +Inf above, NaN for NaN.
        buckets: cumulative counts, or their rates, with the label `le`; other series are left out.

    Raises:
        EvaluationError: if histograms that differ by name only are present at the same instant.
    """
    histograms = classic_histograms(buckets.labels)
    shape = (len(histograms.labels), buckets.n_steps)
    values, present = np.empty(shape), np.empty(shape, np.bool_)
    _quantiles(
        buckets.values, buckets.present, histograms.series, histograms.bounds, histograms.indptr, phi.values,
        values, present,
    )  # fmt: skip
    return relabelled(histograms.labels, values, present)


@compiled
def _quantiles(
    counts: NDArray[np.float64],
    seen: NDArray[np.bool_],
    series: NDArray[np.int64],
    bounds: NDArray[np.float64],
    indptr: NDArray[np.int64],
    phi: NDArray[np.float64],
    out: NDArray[np.float64],
    out_present: NDArray[np.bool_],
) -> None:
    own_bounds, own_counts = np.empty(len(bounds)), np.empty(len(bounds))
    for h in range(len(indptr) - 1):
        for t in range(len(phi)):
            n = merge_present(counts, seen, series, bounds, indptr[h], indptr[h + 1], t, own_bounds, own_counts)
            out_present[h, t] = n > 0
            out[h, t] = _quantile(phi[t], own_bounds[:n], own_counts[:n]) if n > 0 else 0.0


@compiled
def _quantile(phi: float, bounds: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    if np.isnan(phi):
        return np.nan
    if phi < 0:
        return -np.inf
    if phi > 1:
        return np.inf
    if len(bounds) < 2 or bounds[len(bounds) - 1] != np.inf:
        return np.nan
    _lift(counts)
    return _interpolated(phi, bounds, counts)


@compiled
def _interpolated(phi: float, bounds: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    top = len(bounds) - 1
    if counts[top] == 0:
        return np.nan
    rank = phi * counts[top]
    # Halving, as Go's sort.Search does, so that NaN counts lead to the same bucket.
    low, high = 0, top
    while low < high:
        middle = (low + high) // 2
        if counts[middle] >= rank:
            high = middle
        else:
            low = middle + 1
    if low == top:
        return float(bounds[top - 1])
    if low > 0:
        start, before = bounds[low - 1], counts[low - 1]
        return float(start + (bounds[low] - start) * ((rank - before) / (counts[low] - before)))
    # Observations are taken for positive if the lowest bound is.
    return float(bounds[0] if bounds[0] <= 0 else bounds[0] * (rank / counts[0]))


@compiled
def _lift(counts: NDArray[np.float64]) -> None:
    """Make counts rise: differences by rounding are taken out in either direction, falls are filled."""
    last = counts[0]
    for i in range(1, len(counts)):
        if counts[i] < last or _differ_by_rounding(last, counts[i]):
            counts[i] = last
        else:
            last = counts[i]


@compiled
def _differ_by_rounding(left: float, right: float) -> bool:
    # Source: prometheus/prometheus util/almost/almost.go, Equal.
    if left == right or (np.isnan(left) and np.isnan(right)):
        return True
    total, difference = abs(left) + abs(right), abs(left - right)
    if left == 0 or right == 0 or total < _SMALLEST_NORMAL:
        return bool(difference < _TOLERANCE * _SMALLEST_NORMAL)
    return bool(difference / min(total, _LARGEST) < _TOLERANCE)
