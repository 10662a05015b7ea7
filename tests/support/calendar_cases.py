"""The made-up set of the calendar: name -> series, with and without an effect that the calendar knows of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from support.calendar_series import HOUR_MS, clock_change, holiday, with_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.calendar_series import MadeUp

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
