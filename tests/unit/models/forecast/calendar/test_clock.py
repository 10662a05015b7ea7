from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.calendar.clock import LocalClock, local_clock, offsets_ms
from pronoia.models.forecast.calendar.follows import follows_local
from pronoia.series import Grid
from support.calendar_series import BERLIN, DAY_MS, HOUR_MS, at

SPRING, AUTUMN = at("2026-03-29T12:00"), at("2025-10-26T12:00")


def clock(end_ms: int, n_past: int = 48, n_ahead: int = 24, zone: str = BERLIN) -> LocalClock:
    found = local_clock(Grid.ending_at(end_ms // HOUR_MS * HOUR_MS, HOUR_MS, n_past), n_ahead, zone)
    assert found is not None
    return found


def hours(end_ms: int, n_past: int = 48) -> np.ndarray:
    """The local hour of each step."""
    times = Grid.ending_at(end_ms // HOUR_MS * HOUR_MS, HOUR_MS, n_past).timestamps_ms
    return ((times + offsets_ms(times, BERLIN)) % DAY_MS / HOUR_MS).astype(float)


def test_the_hour_that_spring_skips_is_drawn_between_its_neighbours() -> None:
    local = clock(SPRING).to_local(hours(SPRING))
    assert local[-13:].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]
    assert (np.diff(local) % 24 == 1).all()


def test_of_the_hour_that_autumn_shows_twice_the_second_stands() -> None:
    values = np.arange(48.0)
    local = clock(AUTUMN).to_local(values)
    second = int(np.flatnonzero(hours(AUTUMN) == 2.0)[-1])
    assert local[second] == values[second]
    assert local[second - 1] == values[second - 2]
    assert np.isnan(local[0])
    assert local[-1] == values[-1]


@pytest.mark.parametrize(("end", "ahead"), [(at("2026-03-28T20:00"), 1), (at("2025-10-25T20:00"), -1)])
def test_a_curve_over_a_change_comes_back_at_the_right_hours(end: int, ahead: int) -> None:
    found = clock(end)
    curve = (20.0 + np.arange(found.reach + 1)) % 24
    times = Grid(end, HOUR_MS, 25).timestamps_ms
    wanted = (times + offsets_ms(times, BERLIN)) % DAY_MS / HOUR_MS
    np.testing.assert_array_equal(found.to_utc(curve), wanted)
    assert found.ahead[-1] == 24 + ahead


@pytest.mark.parametrize(
    ("zone", "end", "step_ms"),
    [
        ("UTC", SPRING, HOUR_MS),
        (BERLIN, at("2026-06-10T12:00"), HOUR_MS),
        (BERLIN, SPRING, DAY_MS),
        # Half an hour is no whole step of an hour.
        ("Australia/Lord_Howe", at("2026-04-06T12:00", "Australia/Lord_Howe"), HOUR_MS),
    ],
)
def test_nothing_is_to_be_done_without_a_change_that_the_steps_can_show(zone: str, end: int, step_ms: int) -> None:
    assert local_clock(Grid.ending_at(end // step_ms * step_ms, step_ms, 14), 14, zone) is None


def daily(times: np.ndarray) -> np.ndarray:
    return np.sin(2 * np.pi * times / DAY_MS) ** 3


@pytest.mark.parametrize("end", [at("2026-03-31T12:00"), at("2025-10-29T12:00")])
def test_what_came_after_a_change_tells_whose_clock_a_series_follows(end: int) -> None:
    grid = Grid.ending_at(end, HOUR_MS, 14 * 24)
    found = local_clock(grid, 24, BERLIN)
    assert found is not None
    times = grid.timestamps_ms
    assert follows_local(daily(times + offsets_ms(times, BERLIN)), found, HOUR_MS)
    assert not follows_local(daily(times), found, HOUR_MS)


def test_without_evidence_a_series_is_taken_to_follow_the_local_clock() -> None:
    grid = Grid.ending_at(at("2026-03-29T06:00"), HOUR_MS, 14 * 24)
    found = local_clock(grid, 24, BERLIN)
    assert found is not None
    assert follows_local(daily(grid.timestamps_ms), found, HOUR_MS)
    assert follows_local(np.full(14 * 24, np.nan), found, HOUR_MS)
