"""Seasonal naive: the last season goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.settings import ForecastSettings


@dataclass(frozen=True, slots=True, eq=False)
class FittedSeasonalNaive:
    """The last season seen, oldest value first, and the value before it."""

    before: float
    cycle: NDArray[np.float64]

    def predict(self, n_steps: int) -> NDArray[np.float64]:
        """The value one season earlier, repeated as often as the horizon needs."""
        return np.concatenate([[self.before], np.resize(self.cycle, n_steps)])

    def forward(self, values: NDArray[np.float64]) -> FittedSeasonalNaive:
        """The season before a new origin."""
        return _remember(values, len(self.cycle))


class SeasonalNaive:
    """Repeat the last season of the most trusted length."""

    def __init__(self, settings: ForecastSettings) -> None:
        del settings

    def fit(self, values: NDArray[np.float64], seasons: tuple[int, ...]) -> FittedSeasonalNaive:
        """Remember the last season.

        Raises:
            ModelError: if no season is known, or the history is not longer than one.
        """
        if not seasons or seasons[0] >= len(values):
            raise ModelError("seasonal-naive", "no season in this history")
        return _remember(values, seasons[0])

    def __repr__(self) -> str:
        return "SeasonalNaive()"


def _remember(values: NDArray[np.float64], season: int) -> FittedSeasonalNaive:
    return FittedSeasonalNaive(float(values[-season - 1]), values[-season:].copy())
