"""Median: the middle of the last days. The best point for series that are mostly still and sometimes burst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.settings import ForecastSettings

_WINDOW_COARSE_STEPS = 72


@dataclass(frozen=True, slots=True)
class FittedMedian:
    """The median of a window of the history."""

    window: int
    median: float

    def predict(self, n_steps: int) -> NDArray[np.float64]:
        """The median at every horizon."""
        return np.full(n_steps + 1, self.median)

    def forward(self, values: NDArray[np.float64]) -> FittedMedian:
        """The median before a new origin."""
        return FittedMedian(self.window, float(np.median(values[-self.window :])))


class Median:
    """Repeat the median of the last 72 coarse steps (three horizons: three days for a day ahead)."""

    def __init__(self, settings: ForecastSettings) -> None:
        self._window = _WINDOW_COARSE_STEPS * settings.coarse_steps

    def fit(self, values: NDArray[np.float64], seasons: tuple[int, ...]) -> FittedMedian:
        """Take the median."""
        del seasons
        return FittedMedian(self._window, float(np.median(values[-self._window :])))

    def __repr__(self) -> str:
        return "Median()"
