"""Classic histograms: series of cumulative counts, one for each upper bound `le`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.nameless import nameless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.series.labels import LabelSet

BOUND = "le"


@dataclass(frozen=True, slots=True, eq=False)
class ClassicHistograms:
    """Which series of a vector are buckets of which histogram.

    Args:
        labels: n_histograms label sets without name and bound; equal for histograms that differ by name only.
        series: int64 (n_buckets,), numbers of the buckets' series, histogram by histogram, bounds ascending.
        bounds: float64 (n_buckets,), their upper bounds; two may be equal ("1" and "1.0").
        indptr: int64 (n_histograms + 1,), where each histogram's buckets begin.
    """

    labels: tuple[LabelSet, ...]
    series: NDArray[np.int64]
    bounds: NDArray[np.float64]
    indptr: NDArray[np.int64]


def classic_histograms(labels: Sequence[LabelSet]) -> ClassicHistograms:
    """Sort series into histograms: those whose labels differ by `le` alone; series without a valid bound are left out.

    >>> from pronoia.series import LabelSet
    >>> found = classic_histograms([LabelSet({"le": bound}) for bound in ("+Inf", "0.1", "none")])
    >>> found.series.tolist(), found.bounds.tolist()
    ([1, 0], [0.1, inf])
    """
    groups: dict[LabelSet, list[tuple[float, int]]] = {}
    for number, each in enumerate(labels):
        bound = upper_bound(each.get(BOUND, ""))
        if bound is not None:
            groups.setdefault(each.without(BOUND), []).append((bound, number))
    buckets = [bucket for group in groups.values() for bucket in sorted(group)]
    return ClassicHistograms(
        labels=tuple(nameless(group) for group in groups),
        series=np.array([number for _, number in buckets], np.int64),
        bounds=np.array([bound for bound, _ in buckets], np.float64),
        indptr=np.cumsum([0, *map(len, groups.values())], dtype=np.int64),
    )


def upper_bound(le: str) -> float | None:
    """A bound as Go reads it: no spaces, and nothing too large for a float64; None if it is no number.

    >>> upper_bound("+Inf"), upper_bound("1e-3"), upper_bound(" 1"), upper_bound("1e999")
    (inf, 0.001, None, None)
    """
    if not le.isascii() or le != le.strip():
        return None
    try:
        bound = float(le)
    except ValueError:
        return None
    if np.isnan(bound) or (np.isinf(bound) and "inf" not in le.lower()):
        return None
    return bound


@compiled
def merge_present(
    values: NDArray[np.float64],
    present: NDArray[np.bool_],
    series: NDArray[np.int64],
    all_bounds: NDArray[np.float64],
    first: int,
    last: int,
    step: int,
    bounds: NDArray[np.float64],
    counts: NDArray[np.float64],
) -> int:
    """Write one histogram's buckets at one instant into `bounds` and `counts`, equal bounds added up.

    Args:
        values: float64 (n_series, n_steps), cumulative counts.
        present: bool (n_series, n_steps).
        series: see `ClassicHistograms`.
        all_bounds: its `bounds`.
        first: the histogram's first bucket.
        last: one past its last.
        step: number of the instant.
        bounds: float64, room for the histogram's buckets.
        counts: likewise.

    Returns:
        Number of buckets written; 0 where none is present.
    """
    n = 0
    for bucket in range(first, last):
        row = series[bucket]
        if not present[row, step]:
            continue
        if n > 0 and bounds[n - 1] == all_bounds[bucket]:
            counts[n - 1] += values[row, step]
        else:
            bounds[n] = all_bounds[bucket]
            counts[n] = values[row, step]
            n += 1
    return n
