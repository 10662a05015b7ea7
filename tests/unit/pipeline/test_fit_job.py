"""A refit in chunks: what it tells while it runs."""

from __future__ import annotations

import threading
from concurrent.futures import BrokenExecutor, Future
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
    tuple(LabelSet({"i": str(i)}) for i in range(160)), Grid(0, 3_600_000, 240), np.ones((160, 240)).cumsum(axis=0)
)


class SlowPool:
    """Fits when it is told to."""

    workers = 1

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[FittedForecasts], AlignedFrame]] = []
        self.suspect = threading.Lock()

    def submit(self, history: AlignedFrame, _: ForecastSettings, incumbents: object) -> Future[FittedForecasts]:
        future: Future[FittedForecasts] = Future()
        self.waiting.append((future, history))
        return future

    def fit_next(self) -> None:
        future, history = self.waiting.pop(0)
        future.set_result(fit_forecasts(history, SETTINGS))

    def die(self) -> None:
        """A worker process dies, and with it everything that was under way."""
        broken, self.waiting = self.waiting, []
        for future, _ in broken:
            future.set_exception(BrokenExecutor("killed"))


def job_of(pool: SlowPool, wakes: list[int], *, tells_parts: bool = False, n_series: int = 48) -> FitJob:
    return FitJob(
        "cpu",
        pool,
        HISTORY.take(range(n_series)),
        SETTINGS,
        lambda: wakes.append(1),
        incumbents={},
        tells_parts=tells_parts,
        started_at_seconds=0.0,
    )


@pytest.mark.parametrize(("tells_parts", "told"), [(True, [1, 2, 3]), (False, [0, 0, 1])])
def test_parts_are_told_only_where_they_are_of_use(tells_parts: bool, told: list[int]) -> None:
    pool, wakes = SlowPool(), []
    job = job_of(pool, wakes, tells_parts=tells_parts)
    seen = []
    while pool.waiting:
        pool.fit_next()
        seen.append(len(wakes))
    assert seen == told
    job.poll()
    assert job.is_finished
    assert job.n_fitted == 48


def test_a_long_job_leaves_the_queue_to_others_in_between() -> None:
    pool = SlowPool()
    job_of(pool, [], n_series=160)
    job_of(pool, [], n_series=16)
    assert [history.labels[0]["i"] for _, history in pool.waiting] == ["0", "16", "0"]


def test_a_series_that_kills_its_worker_each_time_costs_its_own_chunk_alone() -> None:
    pool = SlowPool()
    job = job_of(pool, [], n_series=160)
    while not job.is_finished:
        if any("20" in (labels["i"] for labels in history.labels) for _, history in pool.waiting):
            pool.die()
        else:
            pool.fit_next()
        job.poll()
    assert job.failures == {"worker_died": 16}
    fitted = job.take_results()
    assert fitted.n_series == 144
    assert "20" not in {labels["i"] for labels in fitted.labels}
    assert job.take_results() is None


def test_a_series_that_kills_its_worker_each_time_costs_other_queries_nothing() -> None:
    pool = SlowPool()
    bad, good = job_of(pool, [], n_series=32), job_of(pool, [], n_series=16)
    while not (bad.is_finished and good.is_finished):
        if any("20" in (labels["i"] for labels in history.labels) for _, history in pool.waiting):
            pool.die()
        else:
            pool.fit_next()
        bad.poll()
        good.poll()
    assert bad.failures == {"worker_died": 16}
    assert not good.failures


def test_a_pool_that_takes_nothing_more_is_a_failure_and_no_hang() -> None:
    class Closed(SlowPool):
        def submit(self, *_: object) -> Future[FittedForecasts]:
            raise RuntimeError("cannot schedule new futures after shutdown")

    job = job_of(Closed(), [])
    while not job.is_finished:
        job.poll()
    assert job.failures == {"internal": 48}


def test_a_cancelled_job_asks_for_nothing_more() -> None:
    pool = SlowPool()
    job = job_of(pool, [], n_series=160)
    job.cancel()
    assert [future.cancelled() for future, _ in pool.waiting] == [True, True]
