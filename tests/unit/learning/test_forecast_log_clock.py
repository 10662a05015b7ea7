"""What was forecast goes on being remembered when the clock is set back."""

from __future__ import annotations

import numpy as np

from pronoia.learning.matured import ForecastLog
from pronoia.predictions.forecast import Forecast
from pronoia.series import Grid, LabelSet

STEP_MS = 60_000
HOUR_MS = 3_600_000


def forecast_from(origin_ms: int) -> Forecast:
    zero = np.zeros((1, 12))
    return Forecast(
        (LabelSet({"i": "a"}),), Grid(origin_ms + STEP_MS, STEP_MS, 12), zero, zero - 1.0, zero + 1.0, 0.95, ("naive",)
    )


def test_forecasts_made_after_the_clock_was_set_back_are_remembered() -> None:
    log = ForecastLog(np.array([1, 12]), STEP_MS)
    log.record(forecast_from(10 * HOUR_MS))
    assert log.n_pending == 2
    log.record(forecast_from(9 * HOUR_MS))
    assert log.n_pending == 4
    log.record(forecast_from(9 * HOUR_MS + 1000))
    assert log.n_pending == 4, "what is close to the last one is not"
