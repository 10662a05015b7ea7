from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.calendar.days import LocalDays
from pronoia.models.forecast.calendar.rest_day import HolidayEffect, holiday_effect
from support.calendar_series import DAY_MS, HOUR_MS

WEEKEND = frozenset({5, 6})
# A Thursday, 1970-01-01, and four weeks of hours; the curve after is that of one more day.
DAYS = LocalDays(first_ms=0, step_ms=HOUR_MS, n_past=28 * 24, n_ahead=24)
SUNDAYS, SATURDAYS = (3, 10, 17, 24), (2, 9, 16, 23)


def load(*holidays: int, degree: float = 1.0, saturday: float = 0.0, seed: int = 0) -> np.ndarray:
    """Ten at noon of working days, nothing on Sundays."""
    shape = np.clip(10.0 * np.sin(np.pi * (np.arange(24) - 6) / 12), 0.0, None)
    shares = np.ones(28)
    shares[list(holidays)] = 1.0 - degree
    shares[list(SATURDAYS)], shares[list(SUNDAYS)] = saturday, 0.0
    return (shares[:, None] * shape).ravel() + 0.1 * np.random.default_rng(seed).normal(size=28 * 24)


def on(*holidays: int) -> np.ndarray:
    return np.isin(np.arange(29), holidays)


def effect_of(values: np.ndarray, *holidays: int) -> HolidayEffect:
    found = holiday_effect(values, DAYS, on(*holidays), WEEKEND)
    assert found is not None
    return found


def test_a_holiday_to_come_is_expected_to_be_a_sunday() -> None:
    found = effect_of(load(), 28)
    curve = np.append(0.0, np.clip(10.0 * np.sin(np.pi * (np.arange(24) - 6) / 12), 0.0, None))
    assert np.abs(found.added_to(curve)[1:]).max() < 1.0
    assert found.spread[13] > found.spread[2]


def test_a_holiday_of_the_history_leaves_no_trace_in_its_weekday() -> None:
    clean = load(15) - effect_of(load(15), 15).past
    np.testing.assert_allclose(clean[15 * 24 : 16 * 24], load()[15 * 24 : 16 * 24], atol=0.7)
    assert not effect_of(load(15), 15).past[: 15 * 24].any()


@pytest.mark.parametrize("degree", [1.0, 0.6])
def test_the_degree_is_learnt_from_the_holidays_of_the_history(degree: float) -> None:
    found = effect_of(load(12, 20, degree=degree), 12, 20, 28)
    assert found.degree[-1] == pytest.approx(degree, abs=0.06)


def test_a_series_that_works_on_holidays_is_not_touched() -> None:
    assert holiday_effect(load(), DAYS, on(12, 20, 28), WEEKEND) is None


def test_a_series_without_a_weekly_pattern_is_not_touched() -> None:
    rng = np.random.default_rng(3)
    for values in (rng.normal(size=28 * 24), rng.normal(size=28 * 24).cumsum(), np.tile(load()[:24], 28)):
        assert holiday_effect(values, DAYS, on(28), WEEKEND) is None


def test_a_holiday_on_a_day_of_rest_changes_nothing() -> None:
    found = holiday_effect(load(), DAYS, on(SUNDAYS[2]), WEEKEND)
    assert found is None or not found.past.any()


def test_a_holiday_on_a_saturday_moves_it_from_saturday_to_sunday() -> None:
    values = load(saturday=0.5)
    values[16 * 24 : 17 * 24] = load()[3 * 24 : 4 * 24]
    past = effect_of(values, 16).past
    assert past[16 * 24 + 12] == pytest.approx(-5.0, abs=0.6)


def test_where_friday_is_the_day_of_rest_it_is_found() -> None:
    # Days 1, 8, 15, 22 are Fridays.
    values = np.roll(load(saturday=1.0), -2 * 24)
    found = holiday_effect(values, DAYS, on(28), frozenset({4, 5}))
    assert found is not None
    assert found.ahead[13] == pytest.approx(-10.0, abs=1.0)


def test_a_curve_that_is_a_sunday_already_stays_one() -> None:
    found = effect_of(load(), 28)
    np.testing.assert_allclose(found.added_to(found.rest), found.rest, atol=1e-9)


def test_gaps_and_short_histories_do_no_harm() -> None:
    values = load(15)
    values[::3] = np.nan
    values[15 * 24 + 6 : 15 * 24 + 20] = np.nan
    assert np.isfinite(effect_of(values, 15, 28).ahead).all()
    short = LocalDays(first_ms=25 * DAY_MS, step_ms=HOUR_MS, n_past=30, n_ahead=24)
    assert holiday_effect(np.arange(30.0), short, np.array([False, True, True]), WEEKEND) is None
