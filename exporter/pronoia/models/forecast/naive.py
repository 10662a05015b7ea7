"""Persistence: the last value goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.settings import ForecastSettings


@dataclass(frozen=True, slots=True)
class FittedNaive:
    """The last value seen."""

    last: float

    def predict(self, n_steps: int) -> NDArray[np.float64]:
        """The last value at every horizon."""
        return np.full(n_steps + 1, self.last)

    def forward(self, values: NDArray[np.float64]) -> FittedNaive:
        """Persistence from a new origin."""
        return FittedNaive(float(values[-1]))


class Naive:
    """Repeat the last value; nothing to estimate."""

    def __init__(self, settings: ForecastSettings) -> None:
        del settings

    def fit(self, values: NDArray[np.float64], seasons: tuple[int, ...]) -> FittedNaive:
        """Remember the last value."""
        del seasons
        return FittedNaive(float(values[-1]))

    def __repr__(self) -> str:
        return "Naive()"
