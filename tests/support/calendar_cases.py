"""The made-up set of the calendar: name -> series, with and without an effect that the calendar knows of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.calendar.times import Calendar
from pronoia.series import AlignedFrame, Grid, align
from pronoia.storage.recording import Recording
from support.calendar_series import BERLIN, DAY_MS, HOUR_MS, MadeUp, at, clock_change, holiday, with_event

if TYPE_CHECKING:
    from collections.abc import Callable

_STEP_MS = 300_000
_DAY = DAY_MS // _STEP_MS
JOBS = ("2026-06-03T10:00", "2026-06-08T14:00", "2026-06-11T11:00", "2026-06-16T13:00", "2026-06-18T12:00")


def _whole_day(series: MadeUp) -> MadeUp:
    return replace(series, matters=np.ones(len(series.matters), dtype=bool))


#: With the calendar, the error where the effect shows is at most half of that without.
WITH_EFFECT: dict[str, Callable[..., MadeUp]] = {
    "spring, 6 h before": lambda **o: clock_change("2026-03-28T20:00", **o),
    "spring, 2 h after": lambda **o: clock_change("2026-03-29T04:00", **o),
    "spring, a day after": lambda **o: clock_change("2026-03-30T05:00", **o),
    "autumn, a day after": lambda **o: clock_change("2025-10-27T05:00", **o),
    "Sydney, a day after": lambda **o: clock_change("2026-10-05T05:00", "Australia/Sydney", **o),
    "holiday, one seen": lambda **o: holiday("2026-05-13T20:00", **o),
    "holiday, none seen": lambda **o: holiday("2026-05-13T20:00", **{**o, "n_days": 11}),
    "holiday after a Sunday": lambda **o: holiday("2026-05-24T20:00", **o),
    "holiday, at noon": lambda **o: holiday("2026-05-14T11:00", **o),
    "the day after a holiday": lambda **o: _whole_day(holiday("2026-05-14T20:00", **{**o, "n_days": 14})),
    "event, seen four times": lambda **o: with_event("2026-06-18T09:00", JOBS, 2 * HOUR_MS, **o),
    "event, seen twice": lambda **o: with_event("2026-06-18T09:00", JOBS[2:], 2 * HOUR_MS, **o),
    "event, just begun": lambda **o: with_event("2026-06-18T12:30", JOBS, 2 * HOUR_MS, **o),
}

#: Without an effect, the error is that of chance.
WITHOUT_EFFECT: dict[str, Callable[..., MadeUp]] = {
    "job by UTC, spring": lambda **o: clock_change("2026-03-30T05:00", follows="UTC", **o),
    "job by UTC, autumn": lambda **o: clock_change("2025-10-30T05:00", follows="UTC", **o),
    "no change of the clock": lambda **o: clock_change("2026-06-10T05:00", **o),
    "holidays not kept": lambda **o: holiday("2026-05-13T20:00", observed=False, **o),
    # Too short for members to know the week: their Monday is a Sunday already.
    "a Monday like Sunday": lambda **o: holiday("2026-05-24T20:00", **{**o, "n_days": 14}),
    "no weekly pattern": lambda **o: holiday("2026-05-13T20:00", rest=1.0, **o),
    "event without effect": lambda **o: with_event("2026-06-18T09:00", JOBS, 2 * HOUR_MS, size=0.0, **o),
    "event seen once": lambda **o: with_event("2026-06-18T09:00", JOBS[3:], 2 * HOUR_MS, **o),
}


def recording(now: str) -> MadeUp:
    """The bundled recording, as if a day before its end were this moment in Berlin."""
    frame = Recording.demo().frame
    end_ms = int(frame.timestamps_ms.max()) // _STEP_MS * _STEP_MS - DAY_MS
    values = align(frame, Grid.ending_at(end_ms + DAY_MS, _STEP_MS, 15 * _DAY), 2 * _STEP_MS).values
    usable = np.isfinite(values).mean(axis=1) > 0.9
    labels = tuple(labels for labels, use in zip(frame.labels, usable, strict=True) if use)
    history = AlignedFrame(labels, Grid.ending_at(at(now), _STEP_MS, 14 * _DAY), values[usable, : 14 * _DAY].copy())
    # Errors count in units of each series' own spread.
    spread = np.nanstd(history.values, axis=1, keepdims=True)
    scaled = AlignedFrame(labels, history.grid, history.values / spread)
    everywhere = np.ones(_DAY, dtype=bool)
    return MadeUp(scaled, values[usable, 14 * _DAY :] / spread, everywhere, Calendar(BERLIN))
