"""What one query's forecasts teach once their time has come: interval calibration and live quality."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import StateError
from pronoia.exposition.text import format_horizon
from pronoia.learning.calibration import OnlineCalibration
from pronoia.learning.matured import ForecastLog
from pronoia.learning.quality import LiveQuality, nearest_knot
from pronoia.models.forecast.knots import make_knots
from pronoia.models.forecast.levels import known_levels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from pronoia.config.resolved import ResolvedQuery
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.models.forecast.fitted import FittedForecasts
    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.predictions.forecast import Forecast
    from pronoia.series import AlignedFrame, History

_log = logging.getLogger(__name__)


class QueryLearning:
    """Remembers what was forecast, compares it with what came, and corrects the intervals by it.

    Args:
        query: whose forecasts.
        settings: its horizons in steps.
        telemetry: told of the live quality.
    """

    def __init__(self, query: ResolvedQuery, settings: ForecastSettings, telemetry: Telemetry) -> None:
        self._query = query
        self._settings = settings
        self._telemetry = telemetry
        self._knots = make_knots(settings.horizon_steps)
        self._levels = known_levels(settings.level)
        self._log = ForecastLog(self._knots, settings.step_ms)
        self._calibration = OnlineCalibration(len(self._knots), self._levels)
        self._quality = LiveQuality(len(self._knots), n_levels=len(self._levels))

    def calibrated(self, fitted: FittedForecasts) -> FittedForecasts:
        """The fits with intervals as wide as matured errors have shown them to have to be."""
        return fitted.with_widening(self._calibration.widening(fitted.labels))

    def remember(self, forecast: Forecast, fitted: FittedForecasts, recent: AlignedFrame) -> None:
        """Keep a forecast until its time has come, with the bounds of all levels that are learnt.

        Args:
            forecast: what `fitted` predicted of `recent`.
            fitted: whose units make errors of unlike series comparable.
            recent: the newest samples.
        """
        bounds = fitted.bounds_at_knots(forecast, recent, self._levels)
        self._log.record(forecast, np.where(fitted.units > 0.0, fitted.units, 1.0), bounds)

    def observe(self, frame: History, now_seconds: float) -> None:
        """Learn from what has come since the last call."""
        matured = self._log.mature(frame, int(now_seconds * 1000))
        if not matured:
            return
        self._calibration.absorb(matured)
        self._quality.absorb(matured)
        quality = self._quality.quality
        self._telemetry.on_quality(
            self._query.name,
            level=self._query.level,
            coverage={
                level: self._by_horizon(coverage)
                for level, coverage in zip(self._levels, quality.coverage, strict=True)
            },
            mase=quality.mase,
            n_matured=sum(errors.n_known for errors in matured),
        )

    def _by_horizon(self, coverage: tuple[float, ...]) -> dict[str, float]:
        """Coverage by knot as coverage by exposed horizon, where it is known."""
        by_horizon = {
            format_horizon(seconds): coverage[nearest_knot(self._knots, seconds / self._query.step_seconds)]
            for seconds in self._query.horizons_seconds
        }
        return {horizon: share for horizon, share in by_horizon.items() if np.isfinite(share)}

    def forget_others(self, fitted: FittedForecasts) -> None:
        """Drop what was learnt of series that are no longer fitted."""
        self._calibration.forget_others(fitted.labels)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What must survive a restart."""
        return self._calibration.to_arrays()

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take up what `to_arrays` gave; anything else is told and forgotten."""
        try:
            calibration = OnlineCalibration.from_arrays(arrays, self._levels)
        except StateError as error:
            _log.warning("query %s: saved interval calibration is of no use: %s", self._query.name, error)
        else:
            self._calibration = calibration
