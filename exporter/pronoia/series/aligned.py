"""AlignedFrame: many series on one grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.series.timerange import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.series.labels import LabelSet


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

    def newest(self, n_steps: int) -> AlignedFrame:
        """The last so many instants."""
        grid = Grid.ending_at(self.grid.end_ms, self.grid.step_ms, n_steps)
        return AlignedFrame(self.labels, grid, np.ascontiguousarray(self.values[:, -n_steps:]))

    def take(self, series: Sequence[int] | NDArray[np.int64]) -> AlignedFrame:
        """The series with these numbers, in this order."""
        picked = np.asarray(series, dtype=np.int64)
        return AlignedFrame(tuple(self.labels[i] for i in picked), self.grid, self.values[picked])
