"""Instant vectors and scalars at many instants at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.series.labels import LabelSet


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """The instant vectors of n_steps instants. Values where `present` is false have no meaning.

    Args:
        labels: n_series distinct label sets.
        values: float64 (n_series, n_steps).
        present: bool (n_series, n_steps); NaN is a value, absence is not.
    """

    labels: tuple[LabelSet, ...]
    values: NDArray[np.float64]
    present: NDArray[np.bool_]

    @property
    def n_series(self) -> int:
        """Number of series."""
        return len(self.labels)

    @property
    def n_steps(self) -> int:
        """Number of instants."""
        return int(self.values.shape[1])

    @classmethod
    def empty(cls, n_steps: int) -> Vector:
        """No series."""
        return cls((), np.empty((0, n_steps)), np.zeros((0, n_steps), np.bool_))

    def take(self, series: Sequence[int] | NDArray[np.int64]) -> Vector:
        """The series with these numbers, in this order."""
        picked = np.asarray(series, dtype=np.int64)
        return Vector(tuple(self.labels[i] for i in picked), self.values[picked], self.present[picked])

    def without_absent(self) -> Vector:
        """Less the series that are present at no instant."""
        seen = self.present.any(axis=1)
        return self if seen.all() else self.take(np.flatnonzero(seen))

    def with_values(self, values: NDArray[np.float64]) -> Vector:
        """The same series at the same instants with other values."""
        return Vector(self.labels, values, self.present)


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """One number at each of n_steps instants, float64 (n_steps,)."""

    values: NDArray[np.float64]


def relabelled(
    labels: Sequence[LabelSet], values: NDArray[np.float64], present: NDArray[np.bool_], *, merge: bool = True
) -> Vector:
    """A vector of series whose labels were changed, so that some may have become equal.

    Args:
        labels: n_series label sets, not necessarily distinct.
        values: float64 (n_series, n_steps).
        present: bool (n_series, n_steps).
        merge: join equal series that are never present at the same instant, as Prometheus does for functions of
            instant vectors; it refuses them for functions of range vectors.

    Raises:
        EvaluationError: if equal series are present at the same instant, or at all where they are not merged.
    """
    number: dict[LabelSet, int] = {}
    row = np.array([number.setdefault(each, len(number)) for each in labels], np.int64)
    if len(number) == len(labels):
        return Vector(tuple(labels), values, present)
    seen = present.any(axis=1)
    out_values = np.empty((len(number), values.shape[1]))
    out_present = np.zeros((len(number), values.shape[1]), np.bool_)
    taken = np.zeros(len(number), np.bool_)
    for i in np.flatnonzero(seen).tolist():
        into = row[i]
        if taken[into] and (not merge or (out_present[into] & present[i]).any()):
            raise EvaluationError(f"vector cannot contain metrics with the same labelset: {labels[i]}")
        taken[into] = True
        out_values[into][present[i]] = values[i][present[i]]
        out_present[into] |= present[i]
    return Vector(tuple(number), out_values, out_present)
