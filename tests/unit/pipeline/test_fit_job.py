"""A refit in chunks: what it tells while it runs."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.pipeline.fit_job import FitJob
from pronoia.series import AlignedFrame, Grid, LabelSet

if TYPE_CHECKING:
    from pronoia.models.forecast.fitted import FittedForecasts

SETTINGS = ForecastSettings(step_ms=3_600_000, horizon_steps=24, model="naive")
HISTORY = AlignedFrame(
    tuple(LabelSet({"i": str(i)}) for i in range(48)), Grid(0, 3_600_000, 240), np.ones((48, 240)).cumsum(axis=0)
)


class SlowPool:
    """Fits when it is told to."""

    workers = 1

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[FittedForecasts], AlignedFrame]] = []

    def submit(self, history: AlignedFrame, _: ForecastSettings) -> Future[FittedForecasts]:
        future: Future[FittedForecasts] = Future()
        self.waiting.append((future, history))
        return future

    def fit_next(self) -> None:
        future, history = self.waiting.pop(0)
        future.set_result(fit_forecasts(history, SETTINGS))


@pytest.mark.parametrize(("tells_parts", "told"), [(True, [1, 2, 3]), (False, [0, 0, 1])])
def test_parts_are_told_only_where_they_are_of_use(tells_parts: bool, told: list[int]) -> None:
    pool, wakes = SlowPool(), []
    job = FitJob(
        "cpu",
        pool,
        HISTORY,
        SETTINGS,
        lambda: wakes.append(1),
        tells_parts=tells_parts,
        started_at_seconds=0.0,
    )
    seen = []
    while pool.waiting:
        pool.fit_next()
        seen.append(len(wakes))
    assert seen == told
    job.poll()
    assert job.is_finished
    assert job.n_fitted == 48
