"""Forecast residual: each value against what its newest values and the same time a day ago say.

One linear model a metric, fitted by ridge regression: full forecasts (`pronoia.models.forecast`) made anew for every
step would cost a thousandfold, and one step ahead the newest values decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.anomaly.moving import MovingScale
from pronoia.models.anomaly.windows import moved, tail_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAY_SECONDS = 86_400.0
_N_LAGS = 3
_RIDGE = 1e-3
_MAX_DEVIATION = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class FittedForecastResidual:
    """Newest values, lags and their weights (n_lags + 1, n_metrics), and the spread of errors so far."""

    tail: NDArray[np.float64]
    lags: tuple[int, ...]
    weights: NDArray[np.float64]
    unit: NDArray[np.float64]
    scale: MovingScale

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedForecastResidual]:
        """Squared errors in moving spreads."""
        seen = np.concatenate((self.tail, test))
        errors = test - _expected(seen, self.lags, self.weights)[len(self.tail) - max(self.lags) :]
        deviations, scale = self.scale.deviations(errors / self.unit)
        parts: NDArray[np.float64] = np.clip(deviations, -_MAX_DEVIATION, _MAX_DEVIATION) ** 2
        return parts, FittedForecastResidual(moved(self.tail, test), self.lags, self.weights, self.unit, scale)


@dataclass(frozen=True, slots=True)
class ForecastResidual:
    """Residual of a linear forecast, one step ahead."""

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedForecastResidual:
        """Least squares with a small ridge; the day counts where three of them are known."""
        day = round(_DAY_SECONDS / step_seconds)
        lags = tuple(range(1, _N_LAGS + 1)) + ((day,) if _N_LAGS < day <= len(train) // 3 else ())
        reach = max(lags)
        weights = np.zeros((len(lags) + 1, train.shape[1]))
        for i in range(train.shape[1]):
            design = np.column_stack([train[reach - lag : -lag, i] for lag in lags] + [np.ones(len(train) - reach)])
            normal = design.T @ design + _RIDGE * len(design) * np.eye(design.shape[1])
            weights[:, i] = np.linalg.solve(normal, design.T @ train[reach:, i])
        errors = train[reach:] - _expected(train, lags, weights)
        unit = np.maximum(errors.std(axis=0), 1e-9)
        scale = MovingScale.start(train.shape[1], step_seconds).deviations(errors / unit)[1]
        return FittedForecastResidual(tail_of(train, reach), lags, weights, unit, scale)


def _expected(seen: NDArray[np.float64], lags: tuple[int, ...], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each row from the longest lag on."""
    reach = max(lags)
    expected = np.tile(weights[-1], (len(seen) - reach, 1))
    for weight, lag in zip(weights, lags, strict=False):
        expected += weight * seen[reach - lag : len(seen) - lag]
    return expected
