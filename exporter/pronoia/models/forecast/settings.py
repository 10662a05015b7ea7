"""ForecastSettings: what a fit needs to know about a query."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pronoia.models.forecast.calendar.times import NO_CALENDAR, Calendar

if TYPE_CHECKING:
    from pronoia.models.forecast.calendar.times import EventTimes


@dataclass(frozen=True, slots=True)
class ForecastSettings:
    """How one query is forecast; plain values, so that they travel to worker processes.

    Args:
        step_ms: distance of two instants of the grid, milliseconds.
        horizon_steps: how many steps ahead the forecast reaches.
        refit_steps: how many steps may pass until the next fit; the curve is that much longer than the horizon.
        level: nominal coverage of the interval, in (0, 1).
        model: `auto` or a member's name (`pronoia.models.catalogue`).
        minimum: smallest value physically possible, in the source's unit; None if there is none.
        maximum: largest value physically possible, in the source's unit; None if there is none.
        calendar: local clock, holidays and known events; the default changes nothing.

    Raises:
        ValueError: if a number is outside its range.
    """

    step_ms: int
    horizon_steps: int
    refit_steps: int = 0
    level: float = 0.95
    model: str = "auto"
    minimum: float | None = None
    maximum: float | None = None
    calendar: Calendar = NO_CALENDAR

    def __post_init__(self) -> None:
        if self.step_ms < 1 or self.horizon_steps < 1 or self.refit_steps < 0:
            raise ValueError(
                f"step_ms {self.step_ms} and horizon_steps {self.horizon_steps} must be positive, "
                f"refit_steps {self.refit_steps} not negative"
            )
        if not 0.0 < self.level < 1.0:
            raise ValueError(f"level is {self.level}, it must lie between 0 and 1")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum} is above maximum {self.maximum}")

    def with_events(self, events: tuple[EventTimes, ...]) -> ForecastSettings:
        """The same with the occurrences of events as they are known by now."""
        return replace(self, calendar=replace(self.calendar, events=events))

    @property
    def curve_steps(self) -> int:
        """Length of a fitted curve: the horizon and the time until the next fit."""
        return self.horizon_steps + self.refit_steps

    @property
    def day_steps(self) -> int:
        """Steps of a day; 0 if a day is no whole number of at least six steps."""
        steps, rest = divmod(86_400_000, self.step_ms)
        return steps if steps >= 6 and not rest else 0

    @property
    def coarse_steps(self) -> int:
        """Steps in one step of the coarse grid: a horizon of 24 coarse steps, one hour for a day ahead."""
        return max(1, round(self.horizon_steps / 24))
