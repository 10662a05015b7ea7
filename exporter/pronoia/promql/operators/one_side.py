"""The side of a match of which at most one series fits at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import EvaluationError
from pronoia.promql.operators.grouping import only
from pronoia.promql.operators.signatures import coexisting, signatures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.promql.plan import Matching
    from pronoia.promql.vector import Vector
    from pronoia.series.labels import LabelSet


@dataclass(frozen=True, slots=True, eq=False)
class OneSide:
    """Series with the same matching labels, of which no two are present together, and what they give to a result.

    Series that give a result the same labels have been put together into one.

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
    def of(cls, vector: Vector, matching: Matching) -> OneSide:
        """Look at a vector in this way.

        Raises:
            EvaluationError: if two of its series have the same matching labels at an instant.
        """
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
