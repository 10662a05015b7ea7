"""`histogram_fraction` on classic histograms.

Source: prometheus/prometheus promql/quantile.go, BucketFraction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.instant_functions.buckets import classic_histograms, merge_present
from pronoia.promql.vector import Scalar, Vector, relabelled

if TYPE_CHECKING:
    from numpy.typing import NDArray


def histogram_fraction(lower: Scalar, upper: Scalar, buckets: Vector) -> Vector:
    """The fraction of the observations between two values, linear inside of a bucket.

    NaN for a histogram without observations or without a bucket for `+Inf`; 0 where `upper` is not above `lower`.
    Nothing is known of where observations lie in a bucket without end: all those in the lowest one count as below
    every value in it, all those in the highest one as above.

    Args:
        lower: NaN gives NaN.
        upper: likewise.
        buckets: cumulative counts, or their rates, with the label `le`; other series are left out.

    Raises:
        EvaluationError: if histograms that differ by name only are present at the same instant.
    """
    histograms = classic_histograms(buckets.labels)
    shape = (len(histograms.labels), buckets.n_steps)
    values, present = np.empty(shape), np.empty(shape, np.bool_)
    _fractions(
        buckets.values, buckets.present, histograms.series, histograms.bounds, histograms.indptr,
        lower.values, upper.values, values, present,
    )  # fmt: skip
    return relabelled(histograms.labels, values, present)


@compiled
def _fractions(
    counts: NDArray[np.float64],
    seen: NDArray[np.bool_],
    series: NDArray[np.int64],
    bounds: NDArray[np.float64],
    indptr: NDArray[np.int64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    out: NDArray[np.float64],
    out_present: NDArray[np.bool_],
) -> None:
    own_bounds, own_counts = np.empty(len(bounds)), np.empty(len(bounds))
    for h in range(len(indptr) - 1):
        for t in range(len(lower)):
            n = merge_present(counts, seen, series, bounds, indptr[h], indptr[h + 1], t, own_bounds, own_counts)
            out_present[h, t] = n > 0
            out[h, t] = _fraction(lower[t], upper[t], own_bounds[:n], own_counts[:n]) if n > 0 else 0.0


@compiled
def _fraction(lower: float, upper: float, bounds: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    total = counts[len(counts) - 1]
    if bounds[len(bounds) - 1] != np.inf or total == 0 or np.isnan(lower) or np.isnan(upper):
        return np.nan
    if lower >= upper:
        return 0.0
    below_upper, below_lower = _rank(upper, bounds, counts), _rank(lower, bounds, counts)
    # Counts that fall from one bucket to the next are taken as they are; but no part is larger than the whole.
    below_upper = np.minimum(below_upper, total)
    below_lower = np.minimum(below_lower, total)
    return float((below_upper - below_lower) / total)


@compiled
def _rank(value: float, bounds: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    """How many observations lie below a value."""
    # Observations are taken for positive if the lowest bound is.
    start = -np.inf if bounds[0] <= 0 else 0.0
    before = 0.0
    for i in range(len(bounds)):
        if start >= value:
            return before
        if bounds[i] > value:
            if start == -np.inf:
                return float(counts[i])
            return float(before + (counts[i] - before) * (value - start) / (bounds[i] - start))
        start, before = bounds[i], counts[i]
    return float(before)
