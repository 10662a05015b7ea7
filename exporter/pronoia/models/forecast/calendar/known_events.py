"""The events of one series: each estimated in turn, and taken out of the history if it is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.calendar.baseline import without_shape
from pronoia.models.forecast.calendar.event_effect import EventEffect, event_effect, profile_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.calendar.clock import LocalClock
    from pronoia.models.forecast.calendar.days import LocalDays
    from pronoia.models.forecast.calendar.times import Calendar, EventTimes
    from pronoia.series import Grid, LabelSet

# The level around an event is taken from as long before and after as it lasts, within these bounds.
_LEAST_WIDTH_STEPS = 6
_MOST_WIDTH_MS = 6 * 3_600_000


def events_out(
    values: NDArray[np.float64],
    labels: LabelSet,
    calendar: Calendar,
    grid: Grid,
    *,
    clock: LocalClock | None,
    days: LocalDays | None,
) -> tuple[tuple[EventEffect, ...], NDArray[np.float64]]:
    """The effect of each of the calendar's events on a series, and the series without them.

    Overlapping events are estimated in the order of the calendar, each on what the ones before have left.

    Args:
        values: float64 (n_steps,) on the clock; NaN where there is no sample.
        labels: of the series.
        calendar: whose events are looked at.
        grid: of the history, UTC.
        clock: the clock that the values are on; None for UTC.
        days: of the history on that clock; None where steps do not divide a day.

    Returns:
        an effect for each of the calendar's event names, and float64 (n_steps,); the same array if none is used.
    """
    mine = {event.name: event for event in calendar.events if event.concerns(labels)}
    firsts = {name: _first_steps(event, grid, clock) for name, event in mine.items()}
    if not any(firsts.values()):
        return (), values
    eventful = np.zeros(len(values), dtype=bool)
    for name, event in mine.items():
        for step, _ in firsts[name]:
            eventful[max(step, 0) : max(step + _steps(event, grid), 0)] = True
    flat = without_shape(values, days, eventful)
    effects = []
    for name in calendar.event_names:
        effect = EventEffect.none()
        if firsts.get(name):
            duration = _steps(mine[name], grid)
            width = min(max(duration, _LEAST_WIDTH_STEPS), max(_MOST_WIDTH_MS // grid.step_ms, _LEAST_WIDTH_STEPS))
            effect = event_effect(flat, eventful, [step for step, _ in firsts[name]], duration, width)
        if effect.is_used:
            done = _added(effect, firsts[name], mine[name], grid, len(values))
            values, flat = values - done, flat - done
        effects.append(effect)
    return tuple(effects), values


def _steps(event: EventTimes, grid: Grid) -> int:
    return max(-(-event.duration_ms // grid.step_ms), 1)


def _first_steps(event: EventTimes, grid: Grid, clock: LocalClock | None) -> list[tuple[int, int]]:
    """The first step inside each occurrence that began in the history, and how long it had gone on by then, ms."""
    found = []
    for start_ms in event.starts_ms:
        step = -(-(start_ms - grid.start_ms) // grid.step_ms)
        if 0 <= step < grid.n_steps:
            late_ms = grid.start_ms + step * grid.step_ms - start_ms
            found.append((int(clock.past[step]) if clock is not None else step, late_ms))
    return found


def _added(
    effect: EventEffect, firsts: list[tuple[int, int]], event: EventTimes, grid: Grid, n_steps: int
) -> NDArray[np.float64]:
    """What an event added to the history, float64 (n_steps,)."""
    added = np.zeros(n_steps)
    duration_ms, n_inside = max(event.duration_ms, grid.step_ms), _steps(event, grid)
    for step, late_ms in firsts:
        inside = np.arange(max(step, 0), min(step + n_inside, n_steps))
        since = ((inside - step) * grid.step_ms + late_ms) / duration_ms
        # As when forecasts are made, the newest occurrence counts.
        added[inside] = np.where(since < 1.0, effect.profile @ profile_weights(since), added[inside])
    return added
