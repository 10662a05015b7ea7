"""Coarse grid: costly models see block means, and their forecast is drawn back onto the fine grid.

Exponential smoothing and its relatives are slow, and blind to a season of hundreds of steps, at the step of the data.
At 24 points per horizon they are neither. What repeats within a day is taken out before, at the full resolution, as a
seasonal profile, and added back after.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.forecast.profile import seasonal_profile, tile_back, tile_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.settings import ForecastSettings

# Fewest coarse values from which a level and a trend can be told.
_MIN_COARSE_VALUES = 10
# Most coarse values a fit looks at: six weeks of hours.
_MAX_COARSE_VALUES = 1008


class CoarseForecaster(ABC):
    """A StatsForecast model on the coarse grid; a member says which model and which seasons it models itself.

    Args:
        settings: of the query; they say how many steps of the series make one step of the coarse grid.
    """

    name: str

    def __init__(self, settings: ForecastSettings) -> None:
        self._coarse_steps = settings.coarse_steps

    @abstractmethod
    def make_model(self, coarse_seasons: list[int]) -> Any:
        """A new StatsForecast model, which must know `fit` and `forward`; imported here, not above.

        Args:
            coarse_seasons: what `own_seasons` chose, in coarse steps.
        """

    def own_seasons(self, seasons: tuple[int, ...]) -> tuple[int, ...]:
        """Which seasons, in steps, the model handles itself; the others are taken out as profiles."""
        del seasons
        return ()

    def fit(self, values: NDArray[np.float64], seasons: tuple[int, ...]) -> FittedCoarse:
        """Estimate the model's parameters on block means less the profiles.

        Raises:
            ModelError: if the history is too short or the library fails on it.
        """
        own = tuple(season for season in self.own_seasons(seasons) if 2 * season <= len(values))
        profiled = tuple(sorted(set(seasons) - set(own), reverse=True))
        rest, _ = deseasonalise(values, profiled, self._coarse_steps)
        coarse = block_means(rest, self._coarse_steps)
        if len(coarse) < _MIN_COARSE_VALUES:
            raise ModelError(self.name, f"{len(coarse)} coarse values, at least {_MIN_COARSE_VALUES} are needed")
        model = None
        if np.ptp(coarse) > 0.0:
            model = self.make_model([season // self._coarse_steps for season in own])
            _guarded(self.name, lambda: model.fit(coarse))
        return FittedCoarse(self.name, model, values, profiled, self._coarse_steps)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(coarse_steps={self._coarse_steps})"


@dataclass(frozen=True, slots=True, eq=False)
class FittedCoarse:
    """A fitted coarse model at one origin. A model of None stands for a constant."""

    name: str
    model: Any
    values: NDArray[np.float64]
    profiled: tuple[int, ...]
    coarse_steps: int

    def predict(self, n_steps: int) -> NDArray[np.float64]:
        """Level and trend from the coarse model, plus the profiles.

        Raises:
            ModelError: if the library fails.
        """
        rest, seasonal = deseasonalise(self.values, self.profiled, self.coarse_steps, n_steps)
        coarse = block_means(rest, self.coarse_steps)
        n_coarse = n_steps // self.coarse_steps + 1
        if self.model is None or np.ptp(coarse) <= 0.0:
            ahead = np.full(n_coarse, coarse[-1])
        else:
            ahead = _guarded(self.name, lambda: self.model.forward(y=coarse, h=n_coarse)["mean"])
        return seasonal + draw_back(ahead, self.coarse_steps, n_steps)

    def forward(self, values: NDArray[np.float64]) -> FittedCoarse:
        """The same smoothing parameters from a new origin; the profiles are taken anew."""
        return FittedCoarse(self.name, self.model, values, self.profiled, self.coarse_steps)


def deseasonalise(
    values: NDArray[np.float64], seasons: tuple[int, ...], smooth_steps: int, n_ahead: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Take out the profiles of some seasons, one after the other.

    Returns:
        the values without them, float64 (n_values,), and the sum of the profiles from the last instant on, float64
        (n_ahead + 1,).
    """
    rest, ahead = values, np.zeros(n_ahead + 1)
    for season in seasons:
        if len(values) < 2 * season:
            continue
        profile = seasonal_profile(rest, season, smooth_steps // 2)
        rest = rest - tile_back(profile, len(rest))
        ahead += tile_on(profile, n_ahead)
    return rest, ahead


def block_means(values: NDArray[np.float64], coarse_steps: int) -> NDArray[np.float64]:
    """Means of consecutive blocks, aligned to the newest value; an incomplete block at the start is left out.

    >>> block_means(np.array([9.0, 1.0, 3.0, 5.0, 7.0]), 2).tolist()
    [2.0, 6.0]
    """
    n_blocks = min(len(values) // coarse_steps, _MAX_COARSE_VALUES)
    newest = values[len(values) - n_blocks * coarse_steps :]
    means: NDArray[np.float64] = newest.reshape(n_blocks, coarse_steps).mean(axis=1)
    return means


def draw_back(coarse: NDArray[np.float64], coarse_steps: int, n_steps: int) -> NDArray[np.float64]:
    """Values at steps 0 .. n_steps, float64 (n_steps + 1,), linear between the middles of the blocks ahead."""
    middles = (np.arange(len(coarse)) + 0.5) * coarse_steps + 0.5
    fine: NDArray[np.float64] = np.interp(np.arange(n_steps + 1), middles, coarse)
    return fine


def _guarded(name: str, call: Any) -> Any:
    """Call into the library, quietly; whatever it raises becomes our error."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return call()
    except Exception as error:  # the library raises what it likes on odd series
        raise ModelError(name, f"{type(error).__name__}: {error}") from error
