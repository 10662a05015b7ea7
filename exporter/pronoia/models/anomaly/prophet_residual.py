"""Prophet's residual: distance from trend and seasons that Prophet drew on the history (extra `prophet`).

Seconds a metric; it follows nothing that happens after the fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.forecast.settings import ForecastSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.contract import FittedPointForecaster

_SEASONS_SECONDS = (86_400.0, 604_800.0)


@dataclass(frozen=True, slots=True, eq=False)
class FittedProphetResidual:
    """A curve and its usual error, for each metric, and how many steps after the fit have been scored."""

    curves: tuple[FittedPointForecaster, ...]
    spread: NDArray[np.float64]
    n_scored: int = 0

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedProphetResidual]:
        """Squared residuals in spreads of the history's."""
        if not len(test):
            return np.empty_like(test), self
        n_scored = self.n_scored + len(test)
        curves = np.stack([curve.predict(n_scored)[1 + self.n_scored :] for curve in self.curves], axis=1)
        parts: NDArray[np.float64] = ((test - curves) / self.spread) ** 2
        return parts, FittedProphetResidual(self.curves, self.spread, n_scored)


@dataclass(frozen=True, slots=True)
class ProphetResidual:
    """Prophet on each metric."""

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedProphetResidual:
        """Fit on most of the history, so that the usual error is one of what was not fitted; then on all.

        Raises:
            ModelError: if Prophet is not installed or fails.
        """
        try:
            from pronoia.models.forecast.prophet_member import ProphetMember

            member = ProphetMember(ForecastSettings(step_ms=round(step_seconds * 1_000), horizon_steps=1))
            seasons = tuple(
                steps for each in _SEASONS_SECONDS if 2 <= (steps := round(each / step_seconds)) <= len(train) // 2
            )
            kept = len(train) - len(train) // 5
            early = [member.fit(column[:kept], seasons).predict(len(train) - kept)[1:] for column in train.T]
            spread = np.maximum(np.sqrt(((train[kept:] - np.stack(early, axis=1)) ** 2).mean(axis=0)), 1e-6)
            return FittedProphetResidual(tuple(member.fit(column, seasons) for column in train.T), spread)
        except ImportError as error:
            raise ModelError(
                "prophet", f"needs the extra 'prophet': pip install 'pronoia[prophet]' ({error})"
            ) from error
