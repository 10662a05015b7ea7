"""`and`, `or`, `unless`: series that are in both vectors, in either, in the left only; instant by instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.promql.operators.group_totals import counts
from pronoia.promql.operators.grouping import Groups
from pronoia.promql.operators.signatures import signatures
from pronoia.promql.vector import Vector, relabelled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.plan import Matching


def both(left: Vector, right: Vector, matching: Matching) -> Vector:
    """`and`: the left series at instants where a right one with the same matching labels is present."""
    return Vector(left.labels, left.values, left.present & _present_beside(left, right, matching))


def either(left: Vector, right: Vector, matching: Matching) -> Vector:
    """`or`: the left series, and the right ones at instants where no left one has the same matching labels."""
    added = right.present & ~_present_beside(right, left, matching)
    values = np.concatenate((left.values, right.values))
    return relabelled((*left.labels, *right.labels), values, np.concatenate((left.present, added)))


def only_left(left: Vector, right: Vector, matching: Matching) -> Vector:
    """`unless`: the left series at instants where no right one with the same matching labels is present."""
    return Vector(left.labels, left.values, left.present & ~_present_beside(left, right, matching))


def _present_beside(vector: Vector, other: Vector, matching: Matching) -> NDArray[np.bool_]:
    """For each series and instant of a vector whether the other has a series with the same matching labels there."""
    groups = Groups.of(signatures(other.labels, matching))
    present = np.concatenate((counts(other, groups) > 0, np.zeros((1, other.n_steps), np.bool_)))
    number = {labels: g for g, labels in enumerate(groups.labels)}
    # The last row, always absent, is for labels that the other vector does not have.
    return present[[number.get(labels, -1) for labels in signatures(vector.labels, matching)]]
