"""The layer itself: what all series of a fit share, and the way of each through clock, holidays and events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.calendar.clock import local_clock, offsets_ms
from pronoia.models.forecast.calendar.days import DAY_MS, LocalDays
from pronoia.models.forecast.calendar.effects import CalendarEffects
from pronoia.models.forecast.calendar.entered import EnteredSeries
from pronoia.models.forecast.calendar.event_effect import N_POINTS, EventEffect
from pronoia.models.forecast.calendar.follows import follows_local
from pronoia.models.forecast.calendar.holiday_days import holiday_days, rest_weekdays
from pronoia.models.forecast.calendar.known_events import events_out
from pronoia.models.forecast.calendar.rest_day import holiday_effect
from pronoia.models.forecast.calendar.times import NO_CALENDAR
from pronoia.models.forecast.prepare import MIN_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.models.forecast.calendar.clock import LocalClock
    from pronoia.models.forecast.calendar.rest_day import HolidayEffect
    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.series import Grid, LabelSet


@dataclass(frozen=True, slots=True)
class CalendarLayer:
    """What all series of a fit share.

    Args:
        settings: of the fit.
        grid: of the history.
        clock: None where no change is in reach.
        offset_ms: of the local clock at the end of the history.
    """

    settings: ForecastSettings
    grid: Grid
    clock: LocalClock | None
    offset_ms: int

    @classmethod
    def of(cls, grid: Grid, settings: ForecastSettings) -> CalendarLayer:
        """The layer of a fit.

        Raises:
            ZoneInfoNotFoundError: if there is no such zone.
        """
        timezone = settings.calendar.timezone
        if settings.calendar == NO_CALENDAR or not grid.n_steps:
            return cls(settings, grid, None, 0)
        clock = local_clock(grid, settings.curve_steps, timezone)
        return cls(settings, grid, clock, int(offsets_ms(np.array([grid.end_ms]), timezone)[0]))

    def enter(self, labels: LabelSet, values: NDArray[np.float64]) -> EnteredSeries:
        """A series as its members are to see it: on its clock, less what holidays and events did.

        Args:
            labels: of the series.
            values: float64 (n_steps,), NaN where there is no sample.
        """
        if self._is_idle:
            return EnteredSeries(values, self.settings)
        settings, clock, local = self.settings, self.clock, values
        if clock is not None and follows_local(values, clock, self.grid.step_ms):
            local = clock.to_local(values)
            further = max(clock.reach - settings.curve_steps, 0)
            settings = replace(settings, refit_steps=settings.refit_steps + further)
        else:
            clock = None
        if np.isfinite(local).sum() < MIN_SAMPLES:
            # What little there was lay in the hour that moved.
            return EnteredSeries(values, self.settings)
        days = self._days(settings.curve_steps)
        holidays = self._holidays(local, days)
        if holidays is not None:
            local = local - holidays.past
        events, local = events_out(local, labels, self.settings.calendar, self.grid, clock=clock, days=days)
        return EnteredSeries(local, settings, clock, holidays, events)

    def effects(self, entered: Sequence[EnteredSeries]) -> CalendarEffects:
        """What was learnt of these series, for when forecasts are made."""
        calendar, n_ahead = self.settings.calendar, self.settings.curve_steps
        names, n_series = calendar.event_names, len(entered)
        nothing = (EventEffect.none(),) * len(names)
        spreads = np.zeros((n_series, n_ahead + 1 if calendar.holidays else 0))
        profiles = np.zeros((2, n_series, len(names), N_POINTS))
        for row, each in enumerate(entered):
            for event, effect in enumerate(each.events or nothing):
                profiles[:, row, event] = effect.profile, effect.spread
            if calendar.holidays:
                spreads[row] = each.curve_spread(n_ahead)
        is_local = np.array([each.clock is not None for each in entered], dtype=np.bool_)
        return CalendarEffects(names, profiles[0], profiles[1], spreads, is_local)

    @property
    def _is_idle(self) -> bool:
        """Whether no series can be touched."""
        calendar = self.settings.calendar
        return self.clock is None and not calendar.holidays and not calendar.events

    def _days(self, n_ahead: int) -> LocalDays | None:
        if DAY_MS % self.grid.step_ms:
            return None
        first_ms = self.grid.start_ms + self.offset_ms
        # A grid of half-hour zones stands beside its slots; the slot that has begun is meant.
        return LocalDays(first_ms, self.grid.step_ms, self.grid.n_steps, n_ahead)

    def _holidays(self, values: NDArray[np.float64], days: LocalDays | None) -> HolidayEffect | None:
        regions = self.settings.calendar.holidays
        if days is None or not regions:
            return None
        n_days = len(days.weekday)
        known = holiday_days(regions, days.first_day, days.first_day + n_days - 1)
        if not known:
            return None
        holidays = np.isin(days.first_day + np.arange(n_days), list(known))
        return holiday_effect(values, days, holidays, rest_weekdays(regions))
