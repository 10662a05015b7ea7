"""Seasonal mean: the level of the last season, and the mean shape of the seasons before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.errors import ModelError
from pronoia.models.forecast.coarse import deseasonalise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pronoia.models.forecast.settings import ForecastSettings


@dataclass(frozen=True, slots=True, eq=False)
class FittedSeasonalMean:
    """A history and the seasons to look for in it."""

    values: NDArray[np.float64]
    seasons: tuple[int, ...]
    smooth_steps: int

    def predict(self, n_steps: int) -> NDArray[np.float64]:
        """The last season's mean plus the profiles."""
        rest, ahead = deseasonalise(self.values, self.seasons, self.smooth_steps, n_steps)
        level = float(rest[-self.seasons[0] :].mean())
        curve: NDArray[np.float64] = ahead + level
        return curve

    def forward(self, values: NDArray[np.float64]) -> FittedSeasonalMean:
        """The same seasons before a new origin."""
        return FittedSeasonalMean(values, self.seasons, self.smooth_steps)


class SeasonalMean:
    """Level of the last season plus profiles: steadier than seasonal naive, and does not drift as ETS does."""

    def __init__(self, settings: ForecastSettings) -> None:
        self._smooth_steps = settings.coarse_steps

    def fit(self, values: NDArray[np.float64], seasons: tuple[int, ...]) -> FittedSeasonalMean:
        """Keep the history; profiles are cheap.

        Raises:
            ModelError: if no season is known.
        """
        if not seasons:
            raise ModelError("seasonal-mean", "no season in this history")
        return FittedSeasonalMean(values, seasons, self._smooth_steps)

    def __repr__(self) -> str:
        return f"SeasonalMean(coarse_steps={self._smooth_steps})"
