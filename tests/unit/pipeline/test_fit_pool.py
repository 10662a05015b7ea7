"""Fits in real worker processes, and what happens when one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from pronoia.models.bottleneck.local import LocalFit, fit_local
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.pipeline import fit_pool
from pronoia.pipeline.fit_pool import FitPool
from pronoia.series import AlignedFrame, Grid, LabelSet
from support.loads import made_up_load
from support.processes import wait_for

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


def test_workers_end_when_there_is_nothing_to_fit_and_come_back_when_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = FitPool(1, lambda: None)
    try:
        pool.submit(WAVE, SETTINGS).result(timeout=120)
        (worker,) = pool._executor._processes.values()
        pool.rest_if_idle()
        assert worker.is_alive(), "not so soon"
        monkeypatch.setattr(fit_pool, "_REST_AFTER_SECONDS", 0.0)
        wait_for(lambda: pool.rest_if_idle() or not worker.is_alive(), "end of the worker", 60)
        assert pool.submit(WAVE, SETTINGS).result(timeout=120).n_series == 1
    finally:
        pool.close()


def test_classifiers_of_overloads_are_fitted_in_the_same_processes() -> None:
    pool = FitPool(1, lambda: None)
    try:
        fit = pool.submit_work(fit_local, made_up_load(n_days=5), {}).result(timeout=120)
        assert fit == LocalFit(None, 0, reason="1440 of 2016 slots are known")
    finally:
        pool.close()


def test_workers_compute_on_one_thread_each() -> None:
    pool = FitPool(1, lambda: None)
    try:
        pool.submit(WAVE, SETTINGS).result(timeout=120)
        libraries = pool.submit_work(threadpool_info).result(timeout=120)
        assert {library["num_threads"] for library in libraries} == {1}, libraries
    finally:
        pool.close()


def test_closing_waits_for_no_fit() -> None:
    pool = FitPool(1, lambda: None)
    pool.submit_work(time.sleep, 0).result(timeout=120)
    (worker,) = pool._executor._processes.values()
    futures = [pool.submit_work(time.sleep, 3600) for _ in range(20)]
    wait_for(futures[0].running, "beginning of the fit", 60)
    pool.close()
    # The pool's own thread waits for the process as well, and may be the one that is told first.
    wait_for(lambda: not worker.is_alive(), "end of the worker", 60)
    wait_for(lambda: all(future.done() for future in futures), "end of all fits", 60)
    assert futures[-1].cancelled()


KILLED = """
import os, signal, time
from pronoia.pipeline.fit_pool import FitPool

if __name__ == "__main__":
    pool = FitPool(1, lambda: None)
    print(pool.submit_work(os.getpid).result(), flush=True)
    pool.submit_work(time.sleep, 3600)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_do_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    parent = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    worker = int(parent.stdout)
    wait_for(lambda: not has_process(worker), "end of the worker", 60)


def has_process(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
