"""Fits in real worker processes, and what happens when one is killed."""

from __future__ import annotations

import os
import signal
from concurrent.futures import BrokenExecutor

import numpy as np
import pytest

from pronoia.models.forecast.settings import ForecastSettings
from pronoia.pipeline.fit_pool import FitPool
from pronoia.series import AlignedFrame, Grid, LabelSet

SETTINGS = ForecastSettings(step_ms=3_600_000, horizon_steps=24, model="seasonal-naive")
WAVE = AlignedFrame(
    (LabelSet({"i": "a"}),), Grid(0, 3_600_000, 240), np.sin(2 * np.pi * np.arange(240) / 24).reshape(1, -1)
)


def keep_busy(pool: FitPool) -> None:
    # A death is noticed with the next piece of work, at the latest.
    for _ in range(100):
        pool._executor.submit(os.getpid).result(timeout=120)


def test_a_pool_whose_worker_was_killed_is_replaced_and_goes_on() -> None:
    restarts: list[int] = []
    pool = FitPool(1, lambda: restarts.append(1))
    try:
        assert pool.submit(WAVE, SETTINGS).result(timeout=120).n_series == 1
        (worker,) = pool._executor._processes
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(BrokenExecutor):
            keep_busy(pool)
        assert pool.submit(WAVE, SETTINGS).result(timeout=120).n_series == 1
        assert restarts == [1]
    finally:
        pool.close()
