"""One series between the calendar and its members."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.calendar.clock import LocalClock
    from pronoia.models.forecast.calendar.event_effect import EventEffect
    from pronoia.models.forecast.calendar.rest_day import HolidayEffect
    from pronoia.models.forecast.series_fit import SeriesFit
    from pronoia.models.forecast.settings import ForecastSettings


@dataclass(frozen=True, slots=True, eq=False)
class EnteredSeries:
    """A series as its members see it, and what brings their curve back.

    Args:
        values: float64 (n_steps,), what members see.
        settings: what they are fitted with; an hour that the clock will skip makes the curve longer.
        clock: the local clock, if the series was brought onto it.
        holidays: what holidays add on that clock; None if nothing.
        events: one for each of the calendar's names, or none at all.
    """

    values: NDArray[np.float64]
    settings: ForecastSettings
    clock: LocalClock | None = None
    holidays: HolidayEffect | None = None
    events: tuple[EventEffect, ...] = ()

    def leave(self, fit: SeriesFit, n_ahead: int) -> SeriesFit:
        """The fit with its curve of `n_ahead` + 1 elements back at UTC, and with the holidays ahead."""
        if self.clock is None and self.holidays is None:
            return fit
        curve = fit.curve if self.holidays is None else self.holidays.added_to(fit.curve)
        curve = self._at_utc(curve, n_ahead)
        return replace(fit, curve=curve, shift=fit.shift.with_curve_changed(curve - fit.curve[: len(curve)]))

    def curve_spread(self, n_ahead: int) -> NDArray[np.float64]:
        """Standard deviation of what holidays add at UTC, float64 (n_ahead + 1,)."""
        return np.zeros(n_ahead + 1) if self.holidays is None else self._at_utc(self.holidays.spread, n_ahead)

    def _at_utc(self, curve: NDArray[np.float64], n_ahead: int) -> NDArray[np.float64]:
        return (curve if self.clock is None else self.clock.to_utc(curve))[: n_ahead + 1]
