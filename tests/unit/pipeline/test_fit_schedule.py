"""When which series is fitted: at once when new, then evenly over time, never later than it should be."""

from __future__ import annotations

import numpy as np
import pytest

from pronoia.pipeline.fit_schedule import FitSchedule
from pronoia.series import LabelSet

HOUR = 3600.0


def series(n: int, first: int = 0) -> tuple[LabelSet, ...]:
    return tuple(LabelSet({"i": f"{i:05d}"}) for i in range(first, first + n))


def first_fit(n: int, seconds: float = 0.0, at_once: int = 512) -> FitSchedule:
    """A schedule whose series were fitted once, which took so long, until time 0."""
    schedule = FitSchedule(HOUR)
    schedule.see(series(n), -seconds)
    n_jobs = -(-n // at_once)
    for job in range(n_jobs):
        taken = schedule.take(-seconds + seconds * job / n_jobs, at_once)
        schedule.done(taken, -seconds + seconds * (job + 1) / n_jobs)
    return schedule


def run(schedule: FitSchedule, start: float, minutes: int) -> tuple[list[int], dict[LabelSet, list[float]]]:
    """Series fitted in each minute, and the times of each."""
    counts, fitted = [], {}
    for minute in range(1, minutes + 1):
        now = start + 60.0 * minute
        taken = schedule.take(now, 512) if schedule.is_due(now) else []
        schedule.done(taken, now)
        counts.append(len(taken))
        for each in taken:
            fitted.setdefault(each, []).append(now)
    return counts, fitted


def test_all_series_are_due_at_first_in_their_order_and_some_at_a_time() -> None:
    schedule = FitSchedule(HOUR)
    schedule.see(series(600), 0.0)
    assert schedule.take(0.0, 512) == list(series(512))
    assert schedule.take(0.0, 512) == list(series(88, first=512))
    assert not schedule.is_due(0.0)


def test_a_small_query_is_refitted_as_a_whole() -> None:
    counts, _ = run(first_fit(60), 0.0, 180)
    assert [minute for minute, count in enumerate(counts, 1) if count] == [60, 120, 180]
    assert set(counts) == {0, 60}


@pytest.mark.parametrize("first_fit_seconds", [10.0, 1500.0, 3000.0])
def test_a_large_query_is_refitted_evenly_over_the_time(first_fit_seconds: float) -> None:
    schedule = first_fit(10_000, first_fit_seconds)
    counts, fitted = run(schedule, 0.0, 240)
    assert len(fitted) == 10_000
    assert max(counts) <= 256
    assert min(counts) >= 64
    gaps = [np.diff(times).max() for times in fitted.values()]
    assert max(gaps) <= HOUR + 60.0


def test_no_fit_grows_older_than_it_may_after_a_slow_first_fit() -> None:
    schedule = first_fit(2_000, 3000.0)
    _, fitted = run(schedule, 0.0, 61)
    order = series(2_000)
    fitted_first_at = {each: -3000.0 + 3000.0 * (i // 512 + 1) / 4 for i, each in enumerate(order)}
    assert all(fitted[each][0] - fitted_first_at[each] <= HOUR + 60.0 for each in order)


def test_a_new_series_is_due_alone_and_joins_the_others_turn() -> None:
    schedule = first_fit(20)
    schedule.see(series(21), 600.0)
    assert schedule.take(600.0, 512) == [series(21)[-1]]
    schedule.done(series(21)[-1:], 600.0)
    counts, _ = run(schedule, 600.0, 110)
    assert [(minute, count) for minute, count in enumerate(counts, 1) if count] == [(50, 21), (110, 21)]


def test_a_vanished_series_is_forgotten_even_in_hand() -> None:
    schedule = FitSchedule(HOUR)
    schedule.see(series(3), 0.0)
    taken = schedule.take(0.0, 512)
    schedule.see(series(2), 60.0)
    schedule.done(taken, 60.0)
    assert (schedule.n_series, schedule.n_new) == (2, 0)
    assert series(3)[-1] not in schedule


def test_a_young_series_comes_again_soon_and_disturbs_nobody() -> None:
    schedule = first_fit(20)
    schedule.see(series(21), 600.0)
    schedule.put_off(schedule.take(600.0, 512), 900.0)
    assert schedule.n_new == 0, "it was dealt with"
    assert not schedule.is_due(899.0)
    assert schedule.take(900.0, 512) == [series(21)[-1]]


def test_a_clock_set_back_makes_all_due() -> None:
    schedule = first_fit(20)
    assert not schedule.is_due(1.0)
    assert len(schedule.take(-2 * HOUR, 512)) == 20


def test_a_restart_goes_on_where_it_was() -> None:
    ages = np.linspace(0.0, HOUR, 1_000)
    schedule = FitSchedule(HOUR)
    schedule.resume(dict(zip(series(1_000), (-ages).tolist(), strict=True)), 60.0)
    schedule.see(series(1_000), 60.0)
    counts, fitted = run(schedule, 60.0, 60)
    assert len(fitted) == 1_000
    assert max(counts) <= 128


def test_after_an_hour_away_the_overdue_are_spread_and_after_longer_they_are_not() -> None:
    labels = series(1_000)
    for away, at_once in ((1.0 * HOUR, 192), (2.5 * HOUR, 512)):
        schedule = FitSchedule(HOUR)
        schedule.resume(dict.fromkeys(labels, -away), 0.0)
        schedule.see(labels, 0.0)
        counts, _ = run(schedule, 0.0, 60)
        assert max(counts) <= at_once
        assert sum(counts) >= 1_000
        assert counts[0] >= at_once // 4


def test_what_cannot_be_kept_up_with_goes_round_and_round_in_order() -> None:
    schedule = first_fit(1_000)
    order = []
    for hour in range(1, 9):
        taken = schedule.take(hour * HOUR, 300)
        schedule.done(taken, hour * HOUR)
        order += taken
    counts = {each: order.count(each) for each in series(1_000)}
    assert set(counts.values()) == {2, 3}
