"""AlignedFrame: many series on one grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.series.labels import LabelSet
    from pronoia.series.timerange import Grid


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFrame:
    """Values of n_series series at the n_steps instants of one grid.

    Args:
        labels: n_series distinct label sets.
        grid: the instants.
        values: float64 (n_series, n_steps), source unit, read-only; NaN means "no sample", never zero.

    Raises:
        ValueError: if the shapes do not fit together.
    """

    labels: tuple[LabelSet, ...]
    grid: Grid
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.labels), self.grid.n_steps):
            raise ValueError(
                f"values have shape {self.values.shape}, {(len(self.labels), self.grid.n_steps)} is needed"
            )
        self.values.flags.writeable = False

    @property
    def n_series(self) -> int:
        """Number of series."""
        return len(self.labels)

    def take(self, series: Sequence[int] | NDArray[np.int64]) -> AlignedFrame:
        """The series with these numbers, in this order."""
        picked = np.asarray(series, dtype=np.int64)
        return AlignedFrame(tuple(self.labels[i] for i in picked), self.grid, self.values[picked])
