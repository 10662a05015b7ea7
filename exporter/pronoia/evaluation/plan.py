"""BacktestPlan: the protocol of a forecast backtest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.settings import ForecastSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS


@dataclass(frozen=True, slots=True)
class BacktestPlan:
    """How a recording is walked; the defaults are those of a query in `pronoia.yml`.

    Args:
        step_ms: distance of two instants of a forecast.
        horizon_ms: how far ahead each forecast reaches.
        history_ms: how much of the past each fit sees, at most.
        refit_ms: length of the curve beyond the horizon, as live.
        n_origins: most forecasts made per series.
        scored_share: the last part of the recording, in which origins lie.
        horizons_ms: horizons reported on their own.
        level: nominal coverage of the interval.
        model: `auto` or a member's name.
        seed: of the bootstrap and of sampled paths.
        n_paths: how many paths are sampled per series and origin and judged; none by default.
    """

    step_ms: int = 5 * _MINUTE_MS
    horizon_ms: int = _DAY_MS
    history_ms: int = 14 * _DAY_MS
    refit_ms: int = _HOUR_MS
    n_origins: int = 12
    scored_share: float = 1.0 / 3.0
    horizons_ms: tuple[int, ...] = (15 * _MINUTE_MS, _HOUR_MS, 4 * _HOUR_MS, _DAY_MS)
    level: float = 0.95
    model: str = "auto"
    seed: int = 0
    n_paths: int = 0

    @property
    def season_steps(self) -> int:
        """One day: the season of the seasonal-naive baseline."""
        return max(_DAY_MS // self.step_ms, 1)

    @property
    def settings(self) -> ForecastSettings:
        """What the fits are told."""
        return ForecastSettings(
            step_ms=self.step_ms,
            horizon_steps=self.horizon_ms // self.step_ms,
            refit_steps=self.refit_ms // self.step_ms,
            level=self.level,
            model=self.model,
        )

    def origins_ms(self, start_ms: int, end_ms: int) -> NDArray[np.int64]:
        """Instants at which forecasts are made: evenly over the scored part, the last one a horizon before the end.

        Whole steps after the start, oldest first; empty if the scored part is shorter than the horizon.
        """
        first = end_ms - int((end_ms - start_ms) * self.scored_share)
        last = end_ms - self.horizon_ms
        if last < first:
            return np.empty(0, np.int64)
        steps = np.linspace((first - start_ms) / self.step_ms, (last - start_ms) / self.step_ms, self.n_origins)
        return np.unique(start_ms + np.floor(steps).astype(np.int64) * self.step_ms)
