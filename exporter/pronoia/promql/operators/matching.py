"""How the series of two instant vectors find each other: one to one, or many to one with `group_left`/`group_right`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from pronoia.errors import SeriesLimitExceeded
from pronoia.promql.nameless import nameless
from pronoia.promql.operators.grouping import only
from pronoia.promql.operators.one_side import OneSide
from pronoia.promql.operators.signatures import signatures
from pronoia.promql.vector import Vector
from pronoia.series.labels import LabelSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.plan import Matching

T = TypeVar("T", np.float64, np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Pairs of series that match at some instant.

    Args:
        labels: n_pairs label sets, not necessarily distinct.
        left: float64 (n_pairs, n_steps), the left series' values.
        right: float64 (n_pairs, n_steps), the right series' values.
        present: bool (n_pairs, n_steps), the instants where they match.
        signatures: n_pairs matching labels.
    """

    labels: list[LabelSet]
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    present: NDArray[np.bool_]
    signatures: list[LabelSet]


def match(left: Vector, right: Vector, matching: Matching, *, keeps_name: bool, max_points: int) -> Matched:
    """Find the pairs of series that match, before anything is computed from them.

    Args:
        left: n_series at n_steps instants.
        right: at the same instants.
        matching: says which labels are compared, and which side may have many series for one of the other.
        keeps_name: whether pairs have the metric name of the many side.
        max_points: pairs times instants.

    Raises:
        EvaluationError: if two series of the one side have the same matching labels at an instant at which the many
            side is not empty.
        SeriesLimitExceeded: if there are too many pairs.
    """
    many, one = (right, left) if matching.group == "right" else (left, right)
    # At an instant at which one side is empty nothing is compared, so that nothing can be wrong.
    one = Vector(one.labels, one.values, one.present & many.present.any(axis=0))
    ones = OneSide.of(one, matching)
    many_signatures = signatures(many.labels, matching)
    pairs = [
        (i, j)
        for i, signature in enumerate(many_signatures)
        for j in ones.of_signature.get(signature, ())
        if (many.present[i] & ones.present[j]).any()
    ]
    if len(pairs) * many.n_steps > max_points:
        raise SeriesLimitExceeded("points of an intermediate result", len(pairs) * many.n_steps, max_points)
    of_many, of_one = np.array(pairs, np.int64).reshape(-1, 2).T
    many_values, one_values = _rows(many.values, of_many), _rows(ones.values, of_one)
    present = _rows(many.present, of_many) & _rows(ones.present, of_one)
    named = many.labels if keeps_name else [nameless(each) for each in many.labels]
    labels = [_result_labels(named[i], ones.included[j], matching) for i, j in pairs]
    if matching.group == "right":
        many_values, one_values = one_values, many_values
    return Matched(labels, many_values, one_values, present, [many_signatures[i] for i, _ in pairs])


def _rows(array: NDArray[T], numbers: NDArray[np.int64]) -> NDArray[T]:
    # Both vectors in the same order is the most frequent case; that needs no copy.
    return array if np.array_equal(numbers, np.arange(len(array))) else array[numbers]


def _result_labels(labels: LabelSet, included: LabelSet, matching: Matching) -> LabelSet:
    """Those of the many side; one to one just what was compared, otherwise with those to include from the one side."""
    if matching.group is None:
        return only(labels, matching.labels) if matching.on else labels.without(*matching.labels)
    # A label that the one side does not have is taken from the many side as well.
    return LabelSet({**dict(labels.without(*matching.include).pairs), **dict(included.pairs)})
