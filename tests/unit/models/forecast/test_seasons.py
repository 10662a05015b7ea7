from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.seasons import find_seasons

FIVE_MINUTES = 300_000
HOUR = 3_600_000


def sine(period: int, n_values: int, noise: float = 0.3) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.sin(2.0 * np.pi * np.arange(n_values) / period) + rng.normal(0.0, noise, n_values)


def test_the_day_is_found() -> None:
    assert find_seasons(sine(288, 2016), FIVE_MINUTES)[0] == 288


def test_the_day_comes_first_even_without_evidence() -> None:
    assert find_seasons(np.random.default_rng(0).normal(size=2016), FIVE_MINUTES) == (288,)


def test_a_length_of_no_calendar_is_found() -> None:
    assert find_seasons(sine(50, 2016), FIVE_MINUTES)[1:] == pytest.approx((50,), abs=1)


def test_the_week_is_found_when_seen_more_than_twice() -> None:
    week = np.tile(np.repeat([1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0], 24), 5) + sine(24, 5 * 168)
    assert 168 in find_seasons(week, HOUR)
    assert 168 not in find_seasons(week[: 2 * 168], HOUR)


def test_a_history_shorter_than_two_days_has_no_day() -> None:
    assert find_seasons(np.random.default_rng(0).normal(size=500), FIVE_MINUTES) == ()


def test_one_spike_neither_makes_nor_hides_a_season() -> None:
    values = sine(50, 2016)
    values[1000] = 1e6
    assert find_seasons(values, FIVE_MINUTES)[1:] == pytest.approx((50,), abs=1)


def test_a_random_walk_has_no_season_but_the_day() -> None:
    walk = np.random.default_rng(5).normal(size=2016).cumsum()
    assert find_seasons(walk, FIVE_MINUTES) == (288,)


@pytest.mark.parametrize("n_values", [0, 1, 5, 20])
def test_next_to_nothing_has_no_seasons(n_values: int) -> None:
    assert find_seasons(np.arange(n_values, dtype=float), FIVE_MINUTES) == ()


def test_a_constant_has_no_season_but_the_day() -> None:
    assert find_seasons(np.zeros(2016), FIVE_MINUTES) == (288,)
