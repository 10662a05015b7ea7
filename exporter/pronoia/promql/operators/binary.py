"""Binary operators between scalars and instant vectors, and unary minus."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import EvaluationError
from pronoia.promql.nameless import nameless
from pronoia.promql.operators.arithmetic import ARITHMETIC, COMPARISONS
from pronoia.promql.operators.matching import match
from pronoia.promql.operators.sets import both, either, only_left
from pronoia.promql.operators.signatures import coexisting
from pronoia.promql.vector import Scalar, Vector, relabelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.promql.plan import Matching
    from pronoia.series.labels import LabelSet

_SETS = {"and": both, "or": either, "unless": only_left}
BINARY_OPERATORS = frozenset((*ARITHMETIC, *COMPARISONS, *_SETS))


def binary(
    operator: str,
    left: Vector | Scalar,
    right: Vector | Scalar,
    matching: Matching,
    returns_bool: bool,
    *,
    max_points: int = sys.maxsize,
    counts_filtered: bool = True,
) -> Vector | Scalar:
    """Apply a binary operator at every instant.

    Arithmetic drops the metric name. A comparison keeps the left side's samples for which it holds, a vector's where
    the other side is a scalar; with `bool`, and between scalars, it gives 1 or 0, and drops the name.

    Args:
        operator: one of `BINARY_OPERATORS`.
        left: a vector or a scalar.
        right: at the same instants.
        matching: how two vectors find each other.
        returns_bool: the `bool` modifier of a comparison.
        max_points: pairs of series times instants.
        counts_filtered: whether samples that a comparison drops count when it is asked whether a match is ambiguous,
            as since https://github.com/prometheus/prometheus/pull/17668 (December 2025).

    Raises:
        EvaluationError: if at some instant series of both sides match ambiguously, or results have equal labels.
        SeriesLimitExceeded: if more pairs of series match than `max_points` allows.
    """
    with np.errstate(all="ignore"):
        if isinstance(left, Vector) and isinstance(right, Vector):
            if operator in _SETS:
                return _SETS[operator](left, right, matching)
            return _of_vectors(operator, left, right, matching, returns_bool, max_points, counts_filtered)
        if operator in ARITHMETIC:
            return _nameless(left, right, ARITHMETIC[operator](left.values, right.values))
        holds = COMPARISONS[operator](left.values, right.values)
        vector = left if isinstance(left, Vector) else right
        if returns_bool or isinstance(vector, Scalar):
            return _nameless(left, right, holds.astype(np.float64))
        return Vector(vector.labels, vector.values, vector.present & holds)


def negate(operand: Vector | Scalar) -> Vector | Scalar:
    """Unary minus; it drops the metric name.

    Raises:
        EvaluationError: if two series become equal, even if never at the same instant.
    """
    if isinstance(operand, Scalar):
        return Scalar(-operand.values)
    return relabelled(_without_name(operand.labels), -operand.values, operand.present, merge=False)


def _nameless(left: Vector | Scalar, right: Vector | Scalar, values: NDArray[np.float64]) -> Vector | Scalar:
    """The result of two sides of which at most one is a vector."""
    for side in (left, right):
        if isinstance(side, Vector):
            return relabelled(_without_name(side.labels), values, side.present)
    return Scalar(values)


def _of_vectors(
    operator: str,
    left: Vector,
    right: Vector,
    matching: Matching,
    returns_bool: bool,
    max_points: int,
    counts_filtered: bool,
) -> Vector:
    pairs = match(left, right, matching, keeps_name=operator in COMPARISONS, max_points=max_points)
    values, present, labels = pairs.left, pairs.present, pairs.labels
    if operator in ARITHMETIC:
        values = ARITHMETIC[operator](pairs.left, pairs.right)
    elif returns_bool:
        values = COMPARISONS[operator](pairs.left, pairs.right).astype(np.float64)
        labels = _without_name(labels)
    else:
        present = present & COMPARISONS[operator](pairs.left, pairs.right)
    _check_unambiguous(pairs.signatures, labels, pairs.present if counts_filtered else present, matching)
    return relabelled(labels, values, present)


def _check_unambiguous(
    signatures: Sequence[LabelSet], labels: Sequence[LabelSet], present: NDArray[np.bool_], matching: Matching
) -> None:
    """Refuse several results of the same match at an instant; with `group_left` only those with equal labels."""
    if matching.group is None:
        if coexisting(signatures, present):
            raise EvaluationError(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            )
    elif coexisting(list(zip(signatures, labels, strict=True)), present):
        raise EvaluationError("multiple matches for labels: grouping labels must ensure unique matches")


def _without_name(labels: Sequence[LabelSet]) -> list[LabelSet]:
    return [nameless(each) for each in labels]
