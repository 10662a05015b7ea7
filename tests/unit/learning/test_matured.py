from __future__ import annotations

import numpy as np
import pytest

from pronoia.learning.matured import ForecastLog
from pronoia.predictions.forecast import Forecast
from pronoia.series import Grid, LabelSet, SeriesFrame

MINUTE = 60_000
DAY = 86_400_000
KNOTS = np.array([1, 8])
LABELS = (LabelSet({"series": "a"}), LabelSet({"series": "b"}))
ORIGIN = 10 * DAY


def forecast(origin_ms: int = ORIGIN, point: float = 5.0, n_steps: int = 8) -> Forecast:
    points = np.full((2, n_steps), point)
    grid = Grid(origin_ms + MINUTE, MINUTE, n_steps)
    return Forecast(LABELS, grid, points, points - 1.0, points + 1.0, 0.95, ("naive", "naive"))


def observed(value_a: float, value_b: float, at_ms: int) -> SeriesFrame:
    """The value now, and a day earlier twice as much."""
    times = np.array([at_ms - DAY, at_ms])
    return SeriesFrame.from_series(
        {
            labels: (times, np.array([2.0 * value, value]))
            for labels, value in zip(LABELS, (value_a, value_b), strict=True)
        }
    )


def test_a_forecast_is_compared_once_its_instant_is_past() -> None:
    log = ForecastLog(KNOTS, MINUTE)
    log.record(forecast())
    assert log.mature(observed(5.0, 9.0, ORIGIN + MINUTE), ORIGIN + MINUTE) == ()
    (errors,) = log.mature(observed(5.0, 9.0, ORIGIN + MINUTE), ORIGIN + 2 * MINUTE)
    assert errors.knot == 0
    assert errors.instant_ms == ORIGIN + MINUTE
    assert errors.missed.tolist() == [[[0.0, 0.0]], [[0.0, 1.0]]]
    assert errors.error.tolist() == [0.0, 4.0]
    assert errors.seasonal_error.tolist() == [5.0, 9.0]
    assert errors.n_known == 2
    assert log.n_pending == 1


def test_each_forecast_is_compared_once() -> None:
    log = ForecastLog(KNOTS, MINUTE)
    log.record(forecast())
    frame = observed(5.0, 5.0, ORIGIN + MINUTE)
    assert len(log.mature(frame, ORIGIN + 2 * MINUTE)) == 1
    assert log.mature(frame, ORIGIN + 3 * MINUTE) == ()


def test_a_truth_that_never_came_is_not_known() -> None:
    log = ForecastLog(KNOTS, MINUTE)
    log.record(forecast())
    (errors,) = log.mature(SeriesFrame.empty(), ORIGIN + 2 * MINUTE)
    assert np.isnan(errors.missed).all()
    assert errors.n_known == 0


def test_errors_are_in_units_of_the_scales_given() -> None:
    log = ForecastLog(KNOTS, MINUTE)
    log.record(forecast(), scales=np.array([1.0, 4.0]))
    (errors,) = log.mature(observed(6.0, 9.0, ORIGIN + MINUTE), ORIGIN + 2 * MINUTE)
    assert errors.error.tolist() == [1.0, 1.0]


def test_bounds_of_each_level_are_compared() -> None:
    log = ForecastLog(KNOTS, MINUTE)
    half_widths = np.array([0.5, 2.0, 4.5])[:, None, None]
    bounds = np.stack([np.broadcast_to(5.0 + sign * half_widths, (3, 2, 2)) for sign in (-1, 1)], axis=1)
    log.record(forecast(), bounds=bounds)
    (errors,) = log.mature(observed(3.0, 9.0, ORIGIN + MINUTE), ORIGIN + 2 * MINUTE)
    assert errors.missed.tolist() == [[[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 1.0], [0.0, 0.0]]]


def test_memory_is_bounded_however_often_is_forecast() -> None:
    log = ForecastLog(KNOTS, MINUTE)
    for second in range(0, 3600, 5):
        now_ms = ORIGIN + 1000 * second
        log.record(forecast(now_ms))
        log.mature(SeriesFrame.empty(), now_ms)
    assert log.n_pending <= 2 + 10


def test_horizons_beyond_the_forecast_are_left_out() -> None:
    log = ForecastLog(KNOTS, MINUTE)
    log.record(forecast(n_steps=3))
    assert log.n_pending == 1


@pytest.mark.parametrize("delay_minutes", [2, 30])
def test_after_an_outage_the_oldest_come_first(delay_minutes: int) -> None:
    log = ForecastLog(KNOTS, MINUTE)
    for minute in range(5):
        log.record(forecast(ORIGIN + minute * MINUTE))
    matured = log.mature(SeriesFrame.empty(), ORIGIN + (5 + delay_minutes) * MINUTE)
    instants = [errors.instant_ms for errors in matured]
    assert instants == sorted(instants)
