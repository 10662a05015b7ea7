"""The calendar around the members: what it is worth where it applies, and that it costs nothing elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.models.forecast.calendar.times import Calendar, EventTimes
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.fitted import FittedForecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import AlignedFrame, Grid, LabelSet
from support.calendar_cases import JOBS, WITH_EFFECT, WITHOUT_EFFECT, recording
from support.calendar_series import HOUR_MS, at, clock_change, holiday, with_event

if TYPE_CHECKING:
    from pronoia.predictions.forecast import Forecast
    from support.calendar_series import MadeUp

# A quarter of an hour, two series and one cheap member: enough to see an effect of this size.
STEP_MS = 900_000
SMALL = {"step_ms": STEP_MS, "n_series": 2}


def settings(series: MadeUp, **changes: object) -> ForecastSettings:
    return ForecastSettings(STEP_MS, series.truth.shape[1], refit_steps=4, model="seasonal-mean", **changes)


def forecast(series: MadeUp, **changes: object) -> Forecast:
    return fit_forecasts(series.history, settings(series, **changes)).predict(series.history, series.truth.shape[1])


def error(result: Forecast, series: MadeUp) -> float:
    shown = series.matters if series.matters.any() else np.ones(len(series.matters), dtype=bool)
    return float(np.abs(result.point - series.truth)[:, shown].mean())


def needs_holidays(series: MadeUp) -> None:
    if series.calendar.holidays:
        pytest.importorskip("holidays")


@pytest.mark.parametrize("name", WITH_EFFECT)
def test_where_an_effect_is_known_the_error_is_at_most_half(name: str) -> None:
    series = WITH_EFFECT[name](**SMALL)
    needs_holidays(series)
    with_it = forecast(series, calendar=series.calendar)
    assert error(with_it, series) < 0.5 * error(forecast(series), series)
    inside = (series.truth >= with_it.lower) & (series.truth <= with_it.upper)
    # One day of two series says little of 95 %; an interval that knows nothing of the effect holds less than half.
    assert inside[:, series.matters].mean() > 0.75


@pytest.mark.parametrize("name", WITHOUT_EFFECT)
def test_where_there_is_no_effect_the_forecast_is_as_good_as_without(name: str) -> None:
    series = WITHOUT_EFFECT[name](**SMALL)
    needs_holidays(series)
    assert error(forecast(series, calendar=series.calendar), series) < 1.05 * error(forecast(series), series)


@pytest.mark.parametrize("now", ["2026-03-30T12:00", "2025-10-27T12:00"])
def test_a_real_recording_that_went_through_no_change_is_hardly_the_worse_for_one(now: str) -> None:
    series = recording(now)
    plain = ForecastSettings(300_000, 288, model="seasonal-mean")
    errors = []
    for calendar in (Calendar(), series.calendar):
        result = fit_forecasts(series.history, replace(plain, calendar=calendar)).predict(series.history, 288)
        errors.append(float(np.nanmean(np.abs(result.point - series.truth))))
    # One or two of seventeen have no steep hours that tell.
    assert errors[1] < 1.03 * errors[0]


def test_a_zone_without_a_change_in_reach_changes_not_one_number() -> None:
    series = clock_change("2026-06-10T05:00", **SMALL)
    zoned = forecast(series, calendar=Calendar("Europe/Berlin"))
    plain = forecast(series)
    for name in ("point", "lower", "upper"):
        np.testing.assert_array_equal(getattr(zoned, name), getattr(plain, name))


def test_without_a_calendar_nothing_is_kept_of_one() -> None:
    series = clock_change("2026-03-30T05:00", **SMALL)
    assert fit_forecasts(series.history, settings(series)).effects is None


def test_an_hour_that_the_clock_will_skip_makes_the_curve_no_shorter() -> None:
    series = clock_change("2026-03-28T20:00", **SMALL)
    fitted = fit_forecasts(series.history, settings(series, calendar=series.calendar))
    assert fitted.curves.shape == (2, settings(series).curve_steps + 1)
    assert np.ptp(fitted.curves[:, -8:], axis=1).min() > 0.0


def test_a_holiday_today_goes_on_as_it_began() -> None:
    pytest.importorskip("holidays")
    series = holiday("2026-05-14T13:00", observed=False, **{**SMALL, "n_days": 12})
    # The first holiday of the history, and by one o'clock it is plain that the series works on it.
    assert error(forecast(series, calendar=series.calendar), series) < 1.3 * error(forecast(series), series)


def test_a_bound_is_wider_while_an_event_lasts() -> None:
    series = with_event("2026-06-18T09:00", JOBS, 2 * HOUR_MS, **SMALL)
    values, times = series.history.values.copy(), series.history.grid.timestamps_ms
    # Half of the occurrences were smaller.
    for start in (at(JOBS[0]), at(JOBS[2])):
        values[:, (times >= start) & (times < start + 2 * HOUR_MS)] -= 25.0
    series = replace(series, history=AlignedFrame(series.history.labels, series.history.grid, values))
    result = forecast(series, calendar=series.calendar)
    widths = result.upper - result.lower
    start = int(np.flatnonzero(series.matters)[0])
    assert (widths[:, start] > 1.2 * widths[:, start - 1]).all()


def test_an_event_that_begins_after_the_fit_counts_at_once() -> None:
    series = with_event("2026-06-18T12:00", JOBS, 2 * HOUR_MS, known=4, **SMALL)
    fitted = fit_forecasts(series.history, settings(series, calendar=series.calendar))
    assert fitted.effects is not None
    assert fitted.effects.n_series_by_event == {"job": 2}
    begun = EventTimes("job", 2 * HOUR_MS, tuple(map(at, JOBS)))
    without = error(fitted.predict(series.history, 96), series)
    assert error(fitted.with_events((begun,)).predict(series.history, 96), series) < 0.5 * without


def test_an_event_concerns_the_series_that_agree_on_its_labels() -> None:
    series = with_event("2026-06-18T09:00", JOBS, 2 * HOUR_MS, **SMALL)
    (event,) = series.calendar.events
    calendar = Calendar(events=(replace(event, on=(("series", "1"),)),))
    with_it, without = forecast(series, calendar=calendar), forecast(series)
    np.testing.assert_array_equal(with_it.point[0], without.point[0])
    assert np.abs(with_it.point[1] - without.point[1]).max() > 10.0


def test_a_series_that_only_moves_in_events_is_constant_between_them() -> None:
    starts = (40, 100, 170, 230)
    grid = Grid.ending_at(240 * STEP_MS, STEP_MS, 241)
    values = np.full(241, 1.0)
    for start in starts:
        values[start : start + 8] = 3.0
    history = AlignedFrame((LabelSet({}),), grid, values[None])
    event = EventTimes("job", 8 * STEP_MS, tuple(STEP_MS * start for start in (*starts, 260)))
    fitted = fit_forecasts(history, ForecastSettings(STEP_MS, 48, calendar=Calendar(events=(event,))))
    point = fitted.predict(history, 48).point[0]
    assert fitted.models == ("constant",)
    np.testing.assert_allclose(point[[0, 18, 19, 26, 27, 47]], [1.0, 1.0, 3.0, 3.0, 1.0, 1.0], atol=0.1)


def test_what_was_learnt_survives_a_file() -> None:
    series = with_event("2026-06-18T09:00", JOBS, 2 * HOUR_MS, **SMALL)
    fitted = fit_forecasts(series.history, settings(series, calendar=series.calendar))
    restored = FittedForecasts.from_arrays(fitted.to_arrays())
    assert restored.settings == fitted.settings
    np.testing.assert_array_equal(restored.predict(series.history, 96).upper, fitted.predict(series.history, 96).upper)


def test_parts_of_a_query_are_joined_with_what_they_learnt() -> None:
    series = with_event("2026-06-18T09:00", JOBS, 2 * HOUR_MS, **SMALL)
    whole = fit_forecasts(series.history, settings(series, calendar=series.calendar))
    parts = [fit_forecasts(series.history.take([row]), settings(series, calendar=series.calendar)) for row in range(2)]
    joined = FittedForecasts.concatenate(parts)
    np.testing.assert_array_equal(joined.predict(series.history, 96).point, whole.predict(series.history, 96).point)
    swapped = whole.take([1, 0])
    np.testing.assert_array_equal(
        swapped.predict(series.history, 96).point, whole.predict(series.history, 96).point[::-1]
    )


def test_too_few_samples_and_gaps_are_left_to_the_members() -> None:
    series = clock_change("2026-03-29T05:00", **SMALL)
    values = series.history.values.copy()
    values[0, :-18] = np.nan
    values[1, ::3] = np.nan
    history = AlignedFrame(series.history.labels, series.history.grid, values)
    calendar = Calendar("Europe/Berlin", events=(EventTimes("job", HOUR_MS, (at("2026-03-20T12:00"),)),))
    fitted = fit_forecasts(history, settings(series, calendar=calendar))
    assert fitted.n_series == 2
    assert np.isfinite(fitted.predict(history, 96).point).all()
