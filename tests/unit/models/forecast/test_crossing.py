from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.crossing import threshold_crossings
from pronoia.predictions.forecast import Forecast
from pronoia.series import Grid, LabelSet


def forecast(*points: list[float], spread: float = 10.0) -> Forecast:
    point = np.array(points)
    labels = tuple(LabelSet({"series": str(i)}) for i in range(len(points)))
    grid = Grid(60_000, 60_000, point.shape[1])
    return Forecast(labels, grid, point, point - spread, point + spread, 0.95, ("naive",) * len(points))


def test_a_rising_forecast_crosses_between_two_instants() -> None:
    (crossing,) = threshold_crossings(forecast([20, 40, 60, 80]), 50.0, np.array([0.0]), "up")
    assert crossing.eta_seconds == pytest.approx(150.0)
    assert crossing.lower_seconds == pytest.approx(120.0)
    assert crossing.upper_seconds == pytest.approx(180.0)


def test_a_falling_forecast_crosses_downwards() -> None:
    (crossing,) = threshold_crossings(forecast([80, 60, 40, 20]), 50.0, np.array([100.0]), "down")
    assert crossing.eta_seconds == pytest.approx(150.0)
    assert crossing.lower_seconds <= crossing.eta_seconds <= crossing.upper_seconds


def test_a_series_already_beyond_has_crossed() -> None:
    (crossing,) = threshold_crossings(forecast([90, 90]), 50.0, np.array([80.0]), "up")
    assert crossing.eta_seconds == 0.0
    assert crossing.lower_seconds == 0.0


def test_a_series_above_waits_to_come_down() -> None:
    assert threshold_crossings(forecast([90, 90]), 50.0, np.array([80.0]), "down") == ()


def test_a_latest_time_beyond_the_horizon_is_infinite() -> None:
    (crossing,) = threshold_crossings(forecast([20, 40, 55]), 50.0, np.array([0.0]), "up")
    assert np.isinf(crossing.upper_seconds)


def test_a_threshold_out_of_reach_is_not_reported() -> None:
    (crossing,) = threshold_crossings(forecast([1, 2], [60, 70]), 50.0, np.array([0.0, 0.0]), "up")
    assert crossing.labels["series"] == "1"


def test_an_unknown_observation_starts_at_the_forecast() -> None:
    (crossing,) = threshold_crossings(forecast([40, 60]), 50.0, np.array([np.nan]), "up")
    assert crossing.eta_seconds == pytest.approx(90.0)
