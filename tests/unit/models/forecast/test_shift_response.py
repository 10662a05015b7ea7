from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pronoia.models.forecast.calendar.times import Calendar, EventTimes
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.fitted import FittedForecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.models.forecast.shift_fit import ShiftFit
from pronoia.series import AlignedFrame, Grid, LabelSet

STEP = 300_000
DAY = 288
SETTINGS = ForecastSettings(STEP, DAY, refit_steps=12, model="seasonal-mean")
N_STEPS = 5 * DAY
N_MORE = 12


def make_frame(values: np.ndarray, n_seen: int, n_newest: int | None = None) -> AlignedFrame:
    labels = tuple(LabelSet({"series": str(i)}) for i in range(len(values)))
    seen = values[:, n_seen - (n_newest or n_seen) : n_seen]
    return AlignedFrame(labels, Grid.ending_at((n_seen + 9_000) * STEP, STEP, seen.shape[1]), seen)


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    steps = np.arange(N_STEPS + N_MORE)
    return 5.0 * np.sin(2.0 * np.pi * steps / DAY) + np.random.default_rng(0).normal(size=(2, len(steps)))


@pytest.fixture(scope="module")
def fitted(values: np.ndarray) -> FittedForecasts:
    return fit_forecasts(make_frame(values, N_STEPS), SETTINGS)


def not_watching(fitted: FittedForecasts) -> FittedForecasts:
    return replace(fitted, shift_states=np.zeros_like(fitted.shift_states))


def stepped(values: np.ndarray, n_steps: int, size: float = 12.0) -> np.ndarray:
    moved = values.copy()
    moved[0, N_STEPS : N_STEPS + n_steps] += size
    return moved


def test_without_a_step_nothing_changes(fitted: FittedForecasts, values: np.ndarray) -> None:
    newest = make_frame(values, N_STEPS + N_MORE, 49)
    mine, plain = fitted.predict(newest, DAY), not_watching(fitted).predict(newest, DAY)
    np.testing.assert_array_equal(mine.point, plain.point)
    np.testing.assert_array_equal(mine.upper, plain.upper)


@pytest.mark.parametrize("size", [-12.0, 12.0])
def test_eight_values_after_a_step_the_next_hour_stays_there(
    fitted: FittedForecasts, values: np.ndarray, size: float
) -> None:
    newest = make_frame(stepped(values, N_MORE, size), N_STEPS + 8, 49)
    forecast, plain = fitted.predict(newest, DAY), not_watching(fitted).predict(newest, DAY)
    old_curve = fitted.curves[0, 9:21]
    assert np.abs(forecast.point[0, :12] - old_curve - size).mean() < 2.0
    assert np.abs(plain.point[0, :12] - old_curve - size).mean() > 4.0


def test_bounds_a_day_ahead_hold_both_levels(fitted: FittedForecasts, values: np.ndarray) -> None:
    forecast = fitted.predict(make_frame(stepped(values, N_MORE), N_STEPS + 8, 49), DAY)
    old_level = fitted.curves[0, 8 + DAY]
    assert forecast.lower[0, -1] < old_level
    assert forecast.upper[0, -1] > old_level + 12.0


def test_a_spike_moves_the_forecast_no_more_than_before(fitted: FittedForecasts, values: np.ndarray) -> None:
    newest = make_frame(stepped(values, 1), N_STEPS + 1, 49)
    forecast, plain = fitted.predict(newest, DAY), not_watching(fitted).predict(newest, DAY)
    np.testing.assert_allclose(forecast.point[0, 11:], plain.point[0, 11:], atol=0.3)


def test_a_spike_that_has_passed_is_forgotten(fitted: FittedForecasts, values: np.ndarray) -> None:
    newest = make_frame(stepped(values, 2), N_STEPS + 5, 49)
    np.testing.assert_array_equal(fitted.predict(newest, DAY).point, not_watching(fitted).predict(newest, DAY).point)


def test_other_series_of_the_query_are_left_alone(fitted: FittedForecasts, values: np.ndarray) -> None:
    newest = make_frame(stepped(values, N_MORE), N_STEPS + 8, 49)
    forecast, plain = fitted.predict(newest, DAY), not_watching(fitted).predict(newest, DAY)
    np.testing.assert_array_equal(forecast.point[1], plain.point[1])


def test_missing_samples_do_not_end_a_departure(fitted: FittedForecasts, values: np.ndarray) -> None:
    gaps = stepped(values, N_MORE)
    gaps[0, N_STEPS + 3 : N_STEPS + 6] = np.nan
    forecast = fitted.predict(make_frame(gaps, N_STEPS + 9, 49), DAY)
    assert np.isfinite(forecast.point).all()
    assert forecast.point[0, 5] > fitted.curves[0, 14] + 9.0


def test_a_refit_in_the_middle_of_a_departure_goes_on_with_it(values: np.ndarray) -> None:
    moved = stepped(values, N_MORE)
    refitted = fit_forecasts(make_frame(moved, N_STEPS + 10), SETTINGS)
    newest = make_frame(moved, N_STEPS + N_MORE, 49)
    old_curve = 5.0 * np.sin(2.0 * np.pi * (N_STEPS + N_MORE + np.arange(12)) / DAY)
    assert np.abs(refitted.predict(newest, DAY).point[0, :12] - old_curve - 12.0).mean() < 2.0


def test_what_is_kept_of_levels_follows_the_unit_of_the_series(fitted: FittedForecasts, values: np.ndarray) -> None:
    other = fit_forecasts(make_frame(7.0 + 100.0 * values, N_STEPS), SETTINGS)
    moved = 100.0 * fitted.shift_states
    moved[:, 0] += 7.0
    moved[:, [1, 3]] /= 100.0
    np.testing.assert_allclose(other.shift_states, moved, atol=1e-6)
    np.testing.assert_allclose(other.shift_patterns, 100.0 * fitted.shift_patterns, atol=1e-6)
    np.testing.assert_array_equal(other.shift_counts, fitted.shift_counts)


def test_what_is_known_of_levels_survives_a_restart(fitted: FittedForecasts, values: np.ndarray) -> None:
    newest = make_frame(stepped(values, N_MORE), N_STEPS + 8, 49)
    restored = FittedForecasts.from_arrays(fitted.to_arrays())
    np.testing.assert_array_equal(restored.predict(newest, DAY).point, fitted.predict(newest, DAY).point)


def test_bounds_of_all_levels_enclose_each_other_in_a_departure(fitted: FittedForecasts, values: np.ndarray) -> None:
    newest = make_frame(stepped(values, N_MORE), N_STEPS + 8, 49)
    forecast = fitted.predict(newest, DAY)
    inner = None
    for level in (0.2, 0.5, 0.8, 0.9, 0.95, 0.99):
        outer = fitted.at_level(forecast, newest, level)
        assert (outer.lower <= forecast.point).all()
        assert (outer.upper >= forecast.point).all()
        if inner is not None:
            assert (outer.lower <= inner.lower + 1e-4).all()
            assert (outer.upper >= inner.upper - 1e-4).all()
        inner = outer


def test_bounds_at_the_knots_are_those_of_the_forecast(fitted: FittedForecasts, values: np.ndarray) -> None:
    newest = make_frame(stepped(values, N_MORE), N_STEPS + 8, 49)
    forecast = fitted.predict(newest, DAY)
    ((lower, upper),) = fitted.bounds_at_knots(forecast, newest, [0.95])
    np.testing.assert_allclose(lower, forecast.lower[:, fitted.knots - 1], atol=1e-9)
    np.testing.assert_allclose(upper, forecast.upper[:, fitted.knots - 1], atol=1e-9)


def test_sampled_futures_stay_and_return(fitted: FittedForecasts, values: np.ndarray) -> None:
    newest = make_frame(stepped(values, N_MORE), N_STEPS + 8, 49)
    ends = fitted.sample_paths(newest, DAY, 400, np.random.default_rng(0))[0, :, -1] - fitted.curves[0, 8 + DAY]
    assert (np.abs(ends) < 3.0).mean() > 0.1
    assert (np.abs(ends - 12.0) < 3.0).mean() > 0.1


def test_series_of_other_ages_depart_on_their_own(fitted: FittedForecasts, values: np.ndarray) -> None:
    newest = make_frame(stepped(values, N_MORE), N_STEPS + 8, 49)
    older = replace(fitted, fitted_at_ms=fitted.fitted_at_ms - np.array([0, 4 * STEP]))
    np.testing.assert_allclose(older.predict(newest, DAY).point[0], fitted.predict(newest, DAY).point[0])


def test_series_in_another_order_are_told_apart(fitted: FittedForecasts, values: np.ndarray) -> None:
    newest = make_frame(stepped(values, N_MORE), N_STEPS + 8, 49)
    other = fitted.predict(newest.take([1, 0]), DAY)
    np.testing.assert_array_equal(other.point, fitted.predict(newest, DAY).point)


def test_where_the_backtest_speaks_against_it_nothing_changes(fitted: FittedForecasts, values: np.ndarray) -> None:
    newest = make_frame(stepped(values, N_MORE), N_STEPS + 8, 49)
    warned = replace(fitted, shift_losses=np.array([[1.0, 2.0], [1.0, 2.0]]))
    np.testing.assert_array_equal(warned.predict(newest, DAY).point, not_watching(fitted).predict(newest, DAY).point)


def test_an_event_in_progress_is_no_departure(values: np.ndarray) -> None:
    lasts, effect = 24, 12.0
    starts = [day * DAY + 70 * day for day in range(4)] + [N_STEPS - 2]
    busy = values.copy()
    for start in starts:
        busy[:, start : start + lasts] += effect
    # The instants of `make_frame`: the last of those that are seen lies at (n_seen + 9,000) steps.
    times = tuple((start + 9_001) * STEP for start in starts)
    events = (EventTimes("job", lasts * STEP, times),)
    # The backtest would speak against it: such excursions have ended before.
    nothing = np.zeros((2, 2))
    plain = replace(fit_forecasts(make_frame(busy, N_STEPS), SETTINGS), shift_losses=nothing)
    calendar = replace(SETTINGS, calendar=Calendar(events=events))
    told = replace(fit_forecasts(make_frame(busy, N_STEPS), calendar), shift_losses=nothing)
    newest = make_frame(busy, N_STEPS + 10, 49)
    assert (plain.predict(newest, DAY).point != not_watching(plain).predict(newest, DAY).point).any()
    np.testing.assert_array_equal(told.predict(newest, DAY).point, not_watching(told).predict(newest, DAY).point)


def test_what_the_calendar_adds_to_the_curve_is_no_departure(fitted: FittedForecasts) -> None:
    shift = ShiftFit.none(SETTINGS, len(fitted.knots)).with_curve_changed(np.array([0.0, 2.0, 3.0]))
    assert shift.pattern[:4].tolist() == [0.0, 2.0, 3.0, 3.0]
