"""How the series of two instant vectors find each other: one to one, or many to one with `group_left`/`group_right`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from pronoia.errors import EvaluationError, SeriesLimitExceeded
from pronoia.promql.grouping import only
from pronoia.promql.vector import Vector
from pronoia.series.labels import METRIC_NAME, LabelSet

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

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


def signatures(labels: Sequence[LabelSet], matching: Matching) -> list[LabelSet]:
    """The labels that are compared: those of `on`, or all but those of `ignoring` and the metric name."""
    if matching.on:
        return [only(each, matching.labels) for each in labels]
    return [each.without(METRIC_NAME, *matching.labels) for each in labels]


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
    ones = _OneSide.of(one, matching)
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
    named = many.labels if keeps_name else [each.without(METRIC_NAME) for each in many.labels]
    labels = [_result_labels(named[i], ones.included[j], matching) for i, j in pairs]
    if matching.group == "right":
        many_values, one_values = one_values, many_values
    return Matched(labels, many_values, one_values, present, [many_signatures[i] for i, _ in pairs])


def coexisting(keys: Sequence[Hashable], present: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Two series with equal keys that are present at the same instant, the earlier first; none if there are not."""
    taken: dict[Hashable, NDArray[np.bool_]] = {}
    for i, key in enumerate(keys):
        before = taken.get(key)
        if before is None:
            taken[key] = present[i]
            continue
        both = before & present[i]
        if both.any():
            t = int(np.argmax(both))
            return next(j for j in range(i) if keys[j] == key and present[j, t]), i
        taken[key] = before | present[i]
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _OneSide:
    """The side of which at most one series matches at an instant; those that give a result the same labels are one.

    Args:
        included: labels that each gives to a result.
        values: float64 (n_ones, n_steps).
        present: bool (n_ones, n_steps).
        of_signature: for matching labels the numbers of those that have them; never two are present together.
    """

    included: list[LabelSet]
    values: NDArray[np.float64]
    present: NDArray[np.bool_]
    of_signature: dict[LabelSet, list[int]]

    @classmethod
    def of(cls, vector: Vector, matching: Matching) -> _OneSide:
        compared = signatures(vector.labels, matching)
        _check_unique(vector, compared, matching)
        number: dict[tuple[LabelSet, LabelSet], int] = {}
        for signature, labels in zip(compared, vector.labels, strict=True):
            number.setdefault((signature, only(labels, matching.include)), len(number))
        of_signature: dict[LabelSet, list[int]] = {}
        for (signature, _), j in number.items():
            of_signature.setdefault(signature, []).append(j)
        included = [each for _, each in number]
        if len(number) == vector.n_series:
            return cls(included, vector.values, vector.present, of_signature)
        values, present = np.empty((len(number), vector.n_steps)), np.zeros((len(number), vector.n_steps), np.bool_)
        for i, (signature, labels) in enumerate(zip(compared, vector.labels, strict=True)):
            j = number[signature, only(labels, matching.include)]
            np.copyto(values[j], vector.values[i], where=vector.present[i])
            present[j] |= vector.present[i]
        return cls(included, values, present, of_signature)


def _check_unique(vector: Vector, compared: Sequence[LabelSet], matching: Matching) -> None:
    clash = coexisting(compared, vector.present)
    if clash is None:
        return
    earlier, later = clash
    side = "left" if matching.group == "right" else "right"
    raise EvaluationError(
        f"found duplicate series for the match group {compared[later]} on the {side} hand-side of the operation: "
        f"[{vector.labels[later]}, {vector.labels[earlier]}];many-to-many matching not allowed: matching labels must "
        "be unique on one side"
    )


def _rows(array: NDArray[T], numbers: NDArray[np.int64]) -> NDArray[T]:
    # Both vectors in the same order is the most frequent case; that needs no copy.
    return array if np.array_equal(numbers, np.arange(len(array))) else array[numbers]


def _result_labels(labels: LabelSet, included: LabelSet, matching: Matching) -> LabelSet:
    """Those of the many side; one to one just what was compared, otherwise with those to include from the one side."""
    if matching.group is None:
        return only(labels, matching.labels) if matching.on else labels.without(*matching.labels)
    # A label that the one side does not have is taken from the many side as well.
    return LabelSet({**dict(labels.without(*matching.include).pairs), **dict(included.pairs)})
