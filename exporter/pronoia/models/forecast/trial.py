"""One member's backtest on one series, and how two of them compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.correction import choose_nows, corrected_errors, fit_persistence
from pronoia.models.forecast.knots import knot_spans, make_knots
from pronoia.models.forecast.rolling import residual_paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.contract import FittedPointForecaster, PointForecaster
    from pronoia.models.forecast.prepare import PreparedSeries
    from pronoia.models.forecast.settings import ForecastSettings


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What the backtest of one member on one series gave.

    Args:
        name: of the member.
        member: it, unfitted.
        fitted: to the history up to the first origin; it can be moved to other instants.
        persistence: float64 (n_knots,), see `correction`.
        nows: int64 (n_nows,), steps after each origin from which forecasts were made.
        errors: float64 (n_origins, n_nows, horizon), NaN where there is no truth.
        losses: float64 (n_knots,), mean absolute errors.
    """

    name: str
    member: PointForecaster
    fitted: FittedPointForecaster
    persistence: NDArray[np.float64]
    nows: NDArray[np.int64]
    errors: NDArray[np.float64]
    losses: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        name: str,
        member: PointForecaster,
        series: PreparedSeries,
        settings: ForecastSettings,
        *,
        seasons: tuple[int, ...],
        origins: NDArray[np.int64],
    ) -> Trial:
        """Try a member.

        Raises:
            ModelError: if it fails.
        """
        knots, nows = make_knots(settings.horizon_steps), choose_nows(settings.refit_steps)
        paths, fitted = residual_paths(
            member, series.values, series.truth, seasons=seasons, origins=origins, n_steps=settings.curve_steps
        )
        persistence = fit_persistence(paths, knots, nows)
        errors = corrected_errors(paths, persistence, knots, nows)
        absolute = np.abs(errors)
        known = np.isfinite(absolute)
        filled = np.where(known, absolute, 0.0)
        losses = np.array([filled[:, :, span].sum() / max(known[:, :, span].sum(), 1) for span in knot_spans(knots)])
        return cls(name, member, fitted, persistence, nows, errors, losses)

    def relative_loss(self, reference: Trial) -> float:
        """Loss over the reference's."""
        # Half the mean over knots, where each horizon's order of magnitude counts the same, half over all steps.
        floor = 1e-9 + 1e-6 * reference.losses.max()
        ratios = (self.losses + floor) / (reference.losses + floor)
        overall = (np.nanmean(np.abs(self.errors)) + floor) / (np.nanmean(np.abs(reference.errors)) + floor)
        return float(np.exp(np.log(ratios).mean()) + overall) / 2.0
