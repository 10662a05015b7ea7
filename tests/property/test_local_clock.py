"""To a local clock and back: nothing is lost or moved that does not lie in an hour that a change took or gave."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pronoia.models.forecast.calendar.clock import local_clock, offsets_ms
from pronoia.series import Grid

ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Sydney", "Australia/Lord_Howe",
    "Asia/Kolkata", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "America/St_Johns",
)  # fmt: skip
STEPS_MS = (300_000, 3_600_000, 86_400_000)
# From 2010 on, both hemispheres; Samoa skipped a day in 2011.
INSTANTS = st.integers(1_262_304_000, 1_893_456_000)


@given(st.sampled_from(ZONES), INSTANTS, st.integers(0, 20_000_000))
def test_offsets_are_those_of_the_zone(zone: str, start: int, span: int) -> None:
    instants = np.array([start, start + span // 3, start + span]) * 1000
    wanted = [
        datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(zone)).utcoffset().total_seconds() * 1000
        for second in (instants // 1000).tolist()
    ]
    assert offsets_ms(instants, zone).tolist() == wanted


@given(st.sampled_from(ZONES), INSTANTS, st.sampled_from(STEPS_MS), st.integers(2, 400), st.integers(1, 400))
def test_a_history_keeps_all_values_but_those_in_the_hours_of_a_change(
    zone: str, end: int, step_ms: int, n_past: int, n_ahead: int
) -> None:
    grid = Grid.ending_at(end * 1000 // step_ms * step_ms, step_ms, n_past)
    clock = local_clock(grid, n_ahead, zone)
    if clock is None:
        return
    values = np.arange(float(n_past))
    local = clock.to_local(values)
    inside = (clock.past >= 0) & (clock.past < n_past)
    last = dict(zip(clock.past[inside].tolist(), values[inside].tolist(), strict=True))
    assert all(local[position] == value for position, value in last.items())
    assert local[-1] == values[-1]
    # What is not that of a step is NaN before the first, or drawn between two of them.
    others = np.setdiff1d(np.arange(n_past), list(last))
    assert all(np.isnan(local[i]) or 0.0 <= local[i] <= n_past for i in others.tolist())


@given(st.sampled_from(ZONES), INSTANTS, st.sampled_from(STEPS_MS), st.integers(2, 50), st.integers(1, 400))
def test_a_curve_is_that_of_its_local_times(zone: str, end: int, step_ms: int, n_past: int, n_ahead: int) -> None:
    grid = Grid.ending_at(end * 1000 // step_ms * step_ms, step_ms, n_past)
    clock = local_clock(grid, n_ahead, zone)
    if clock is None:
        return
    times = np.append(grid.end_ms, grid.following(n_ahead).timestamps_ms)
    offsets = offsets_ms(times, zone)
    local_steps = (times + offsets - times[0] - offsets[0]) // step_ms
    curve = clock.to_utc(np.arange(clock.reach + 1.0))
    assert len(curve) == n_ahead + 1
    np.testing.assert_array_equal(curve, np.maximum(local_steps, 0))
