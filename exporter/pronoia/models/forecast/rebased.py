"""A member that sees its history at the level of today: what lies before a confirmed shift is moved by its size.

Any member, whatever it learns from days and weeks past, then brings back their pattern and not their level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.models.forecast.level_shift import scan_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pronoia.models.contract import FittedPointForecaster, PointForecaster


def rebase(values: NDArray[np.float64], shifts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values with all that lies before each shift moved by its size, additively.

    >>> import numpy as np
    >>> rebase(np.array([1.0, 1.0, 3.0, 3.0]), np.array([[2.0, 2.0]])).tolist()
    [3.0, 3.0, 3.0, 3.0]
    """
    moved = values.copy()
    for start, size in shifts.tolist():
        moved[: int(start)] += size
    return moved


@dataclass(frozen=True, slots=True)
class Rebased:
    """A member on re-based histories; shifts are found anew at every origin, from the past alone.

    Args:
        member: the member.
        day_steps: steps of a day, or 0.
    """

    member: PointForecaster
    day_steps: int

    def fit(self, values: NDArray[np.float64], seasons: tuple[int, ...]) -> FittedRebased:
        """Fit the member to the re-based history."""
        return FittedRebased(self.member.fit(self.rebased(values), seasons), self)

    def rebased(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The history at the level of its end."""
        return rebase(values, scan_level(values, self.day_steps, 0).shifts)


@dataclass(frozen=True, slots=True, eq=False)
class FittedRebased:
    """The member fitted to a re-based history."""

    fitted: FittedPointForecaster
    unfitted: Rebased

    def predict(self, n_steps: int) -> NDArray[np.float64]:
        """The member's curve: its history ends at the level of today."""
        return self.fitted.predict(n_steps)

    def forward(self, values: NDArray[np.float64]) -> FittedRebased:
        """The same parameters, from a history that is re-based anew."""
        return FittedRebased(self.fitted.forward(self.unfitted.rebased(values)), self.unfitted)
