"""The series of a group put together at each instant: how many, sum, mean, largest, spread.

Kernels walk whole rows, group by group, so that memory is read once and in order. They take `values` and `present`,
(n_series, n_steps), with `members` and `first` of `Groups`, and give float64 (n_groups, n_steps), which has no meaning
where no series of a group is present.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.compensated import add

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.operators.grouping import Groups
    from pronoia.promql.vector import Vector


def counts(vector: Vector, groups: Groups) -> NDArray[np.float64]:
    """Number of series present."""
    return _counts(vector.present, groups.members, groups.first)


def sums(vector: Vector, groups: Groups) -> NDArray[np.float64]:
    """Sum of the values."""
    totals, lost = _sums(vector.values, vector.present, groups.members, groups.first)
    return totals + lost


def means(vector: Vector, groups: Groups, n: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of the values, finite even where their sum is too large for a float; `n` are their `counts`."""
    totals, lost = _sums(vector.values, vector.present, groups.members, groups.first)
    found = totals / n + lost / n
    overflowed = ~np.isfinite(totals)
    if overflowed.any():
        _mean_again(vector.values, vector.present, groups.members, groups.first, overflowed, found)
    return found


def largest(vector: Vector, groups: Groups) -> NDArray[np.float64]:
    """Largest value; NaN only if there is no other."""
    return _largest(vector.values, vector.present, groups.members, groups.first, 1.0)


def smallest(vector: Vector, groups: Groups) -> NDArray[np.float64]:
    """Smallest value; NaN only if there is no other."""
    return -_largest(vector.values, vector.present, groups.members, groups.first, -1.0)


def variances(vector: Vector, groups: Groups) -> NDArray[np.float64]:
    """Variance around the mean (divided by n, not by n - 1); NaN where a value is not finite."""
    return _variances(vector.values, vector.present, groups.members, groups.first)


@compiled
def _counts(present: NDArray[np.bool_], members: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    n_groups, n_steps = len(first) - 1, present.shape[1]
    found = np.zeros((n_groups, n_steps))
    for g in range(n_groups):
        for m in range(first[g], first[g + 1]):
            there = present[members[m]]
            for t in range(n_steps):
                found[g, t] += there[t]
    return found


@compiled
def _sums(
    values: NDArray[np.float64], present: NDArray[np.bool_], members: NDArray[np.int64], first: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Totals and what rounding has taken from them."""
    n_groups, n_steps = len(first) - 1, values.shape[1]
    totals, lost = np.zeros((n_groups, n_steps)), np.zeros((n_groups, n_steps))
    for g in range(n_groups):
        for m in range(first[g], first[g + 1]):
            row, there = values[members[m]], present[members[m]]
            for t in range(n_steps):
                # A zero changes neither total nor compensation: no branch, so that steps are added in parallel.
                term = row[t] if there[t] else 0.0
                totals[g, t], lost[g, t] = add(term, totals[g, t], lost[g, t])
    return totals, lost


@compiled
def _mean_again(
    values: NDArray[np.float64],
    present: NDArray[np.bool_],
    members: NDArray[np.int64],
    first: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    found: NDArray[np.float64],
) -> None:
    """Means of the wanted groups and instants, where the sum is not finite: from there on the mean so far is moved."""
    for g in range(len(first) - 1):
        for t in range(values.shape[1]):
            if not wanted[g, t]:
                continue
            n = total = lost = 0.0
            overflowed = False
            for m in range(first[g], first[g + 1]):
                if not present[members[m], t]:
                    continue
                value = values[members[m], t]
                n += 1.0
                if not overflowed:
                    increased, increased_lost = add(value, total, lost)
                    if n == 1.0 or not math.isinf(increased):
                        total, lost = increased, increased_lost
                        continue
                    overflowed = True
                    total, lost = total / (n - 1.0), lost / (n - 1.0)
                kept = (n - 1.0) / n
                total, lost = add(value / n, kept * total, kept * lost)
            found[g, t] = total + lost if overflowed else total / n + lost / n


@compiled
def _largest(
    values: NDArray[np.float64],
    present: NDArray[np.bool_],
    members: NDArray[np.int64],
    first: NDArray[np.int64],
    sign: float,
) -> NDArray[np.float64]:
    """The largest of `sign * values`."""
    n_groups, n_steps = len(first) - 1, values.shape[1]
    found = np.full((n_groups, n_steps), np.nan)
    for g in range(n_groups):
        for m in range(first[g], first[g + 1]):
            row, there = values[members[m]], present[members[m]]
            for t in range(n_steps):
                value, before = sign * row[t], found[g, t]
                larger = there[t] and (before < value or np.isnan(before))
                found[g, t] = value if larger else before
    return found


@compiled
def _variances(
    values: NDArray[np.float64], present: NDArray[np.bool_], members: NDArray[np.int64], first: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Welford's algorithm ("Note on a method for calculating corrected sums of squares", 1962)."""
    n_groups, n_steps = len(first) - 1, values.shape[1]
    n, mean, squares = np.empty(n_steps), np.empty(n_steps), np.zeros((n_groups, n_steps))
    for g in range(n_groups):
        n[:], mean[:] = 0.0, 0.0
        for m in range(first[g], first[g + 1]):
            row, there = values[members[m]], present[members[m]]
            for t in range(n_steps):
                if there[t]:
                    n[t] += 1.0
                    distance = row[t] - mean[t]
                    mean[t] += distance / n[t]
                    squares[g, t] += distance * (row[t] - mean[t])
        for t in range(n_steps):
            squares[g, t] /= n[t]
    return squares
