"""`topk` and `bottomk`: the strongest series of each group at each instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.errors import EvaluationError
from pronoia.promql.vector import Vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.operators.grouping import Groups

#: The outermost floats that are 64-bit integers.
_LOWEST, _HIGHEST = -9223372036854775808.0, 9223372036854774784.0


def strongest(vector: Vector, groups: Groups, k: NDArray[np.float64], *, smallest: bool) -> Vector:
    """The series whose values are the k largest of their group, at the instants where they are.

    Which of equal values are taken follows from the heap that Prometheus keeps (Go's container/heap), so that the
    same series come out as there.

    Args:
        vector: n_series at n_steps instants.
        groups: of its series.
        k: float64 (n_steps,), cut to an integer; nothing where it is below 1.
        smallest: take the k smallest instead.

    Returns:
        The series' own labels. At a single instant group by group, the strongest first, NaN last.

    Raises:
        EvaluationError: if a k is NaN or no 64-bit integer, and one is 1 or more.
    """
    if k.max(initial=-np.inf) < 1:
        return Vector.empty(vector.n_steps)
    if np.isnan(k).any():
        raise EvaluationError("Parameter value is NaN")
    if k.min() <= _LOWEST:
        raise EvaluationError(f"Scalar value {k.min():g} underflows int64")
    if k.max() >= _HIGHEST:
        raise EvaluationError(f"Scalar value {k.max():g} overflows int64")
    wanted = np.minimum(k, vector.n_series).astype(np.int64)
    sign = -1.0 if smallest else 1.0
    taken, place = _strongest(vector.values, vector.present, groups.members, groups.first, wanted, sign)
    found = Vector(vector.labels, vector.values, taken)
    if vector.n_steps != 1:
        return found.without_absent()
    strength = sign * vector.values[:, 0]
    # Sorting the heap turns the order of NaN around and keeps that of other equals.
    order = np.lexsort((np.where(np.isnan(strength), -place, place), -strength, groups.of_series))
    return found.take(order[taken[order, 0]])


@compiled
def _strongest(
    values: NDArray[np.float64],
    present: NDArray[np.bool_],
    members: NDArray[np.int64],
    first: NDArray[np.int64],
    k: NDArray[np.int64],
    sign: float,
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether a series is among the k largest `sign * values`, and its place in the heap at the last such instant."""
    taken = np.zeros(values.shape, np.bool_)
    place = np.zeros(len(members), np.int64)
    strength, series = np.empty(len(members)), np.empty(len(members), np.int64)
    for g in range(len(first) - 1):
        for t in range(values.shape[1]):
            n = 0
            for m in range(first[g], first[g + 1]):
                if not present[members[m], t]:
                    continue
                value = sign * values[members[m], t]
                if n < k[t]:
                    strength[n], series[n] = value, members[m]
                    _rise(strength, series, n)
                    n += 1
                elif n and (strength[0] < value or (np.isnan(strength[0]) and not np.isnan(value))):
                    strength[0], series[0] = value, members[m]
                    _sink(strength, series, n)
            for i in range(n):
                taken[series[i], t] = True
                place[series[i]] = i
    return taken, place


@compiled
def _rise(strength: NDArray[np.float64], series: NDArray[np.int64], i: int) -> None:
    """Move an entry of the heap up until the one above is not stronger; the weakest is on top."""
    while i > 0:
        above = (i - 1) // 2
        if not _weaker(strength[i], strength[above]):
            break
        _swap(strength, series, i, above)
        i = above


@compiled
def _sink(strength: NDArray[np.float64], series: NDArray[np.int64], n: int) -> None:
    """Move the top of the heap down until none below is weaker."""
    i, below = 0, 1
    while below < n:
        if below + 1 < n and _weaker(strength[below + 1], strength[below]):
            below += 1
        if not _weaker(strength[below], strength[i]):
            break
        _swap(strength, series, i, below)
        i, below = below, 2 * below + 1


@compiled
def _weaker(one: float, other: float) -> bool:
    return np.isnan(one) or one < other


@compiled
def _swap(strength: NDArray[np.float64], series: NDArray[np.int64], i: int, j: int) -> None:
    strength[i], strength[j] = strength[j], strength[i]
    series[i], series[j] = series[j], series[i]
