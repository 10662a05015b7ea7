"""The ensemble as a member: the median of what its own members say, for one series at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.forecast.ensemble.ensemble import FittedEnsemble, fit_ensemble
from pronoia.models.forecast.ensemble.quantiles import MEDIAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.settings import ForecastSettings


@dataclass(frozen=True, slots=True, eq=False)
class FittedEnsembleMember:
    """An ensemble fitted to one series, and the history up to the origin."""

    ensemble: FittedEnsemble
    values: NDArray[np.float64]

    @property
    def member_weights(self) -> NDArray[np.float64]:
        """Weights of the members by bucket of horizons, float64 (n_members, n_buckets)."""
        return self.ensemble.weights[:, 0]

    def predict(self, n_steps: int) -> NDArray[np.float64]:
        """The last value, then the median; beyond the furthest step that was fitted the curve is held.

        The ensemble has already decided how much of the last value goes on: the newest error at the origin is zero, and
        what is learnt of the errors' persistence comes from the samples after the fit.
        """
        median = self.ensemble.forecast(self.values[None])[0, MEDIAN, :n_steps]
        curve: NDArray[np.float64] = np.pad(np.append(self.values[-1], median), (0, n_steps - len(median)), mode="edge")
        return curve

    def forward(self, values: NDArray[np.float64]) -> FittedEnsembleMember:
        """The same coefficients and weights from a new origin."""
        return FittedEnsembleMember(self.ensemble, values)


class EnsembleMember:
    """Regressions, analogs, recent values and persistence, weighed by a backtest per series and horizon."""

    def __init__(self, settings: ForecastSettings) -> None:
        self._step_seconds = settings.step_ms / 1_000
        self._n_steps = settings.curve_steps

    def fit(self, values: NDArray[np.float64], seasons: tuple[int, ...]) -> FittedEnsembleMember:
        """Fit and weigh all members; periods are the ensemble's own matter.

        Raises:
            ModelError: if a regression has no solution.
        """
        del seasons
        try:
            ensemble = fit_ensemble(values[None], step_seconds=self._step_seconds, horizon=self._n_steps)
        except np.linalg.LinAlgError as error:
            raise ModelError("ensemble", f"a regression has no solution: {error}") from error
        return FittedEnsembleMember(ensemble, values)

    def __repr__(self) -> str:
        return f"EnsembleMember(step_seconds={self._step_seconds:g}, n_steps={self._n_steps})"
