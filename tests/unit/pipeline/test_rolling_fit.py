"""Fits of many series: the first at full speed, the next spread over the time, none lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.query_settings import settings_of
from pronoia.pipeline.rolling_fit import RollingFit
from pronoia.series import History, LabelSet, SeriesFrame

if TYPE_CHECKING:
    from pronoia.config.resolved import ResolvedQuery

STEP_MS = 900_000
N_STEPS = 32
START = 1_795_000_500.0


def history(n_series: int, now: float, n_young: int = 0) -> History:
    """Series that never change, which are fitted in no time; the last ones have three samples."""
    end_ms = int(now * 1000) // STEP_MS * STEP_MS
    times = end_ms - STEP_MS * np.arange(N_STEPS - 1, -1, -1)
    series = {}
    for i in range(n_series):
        own = times[-3:] if i >= n_series - n_young else times
        series[LabelSet({"__name__": "up", "i": f"{i:04d}"})] = (own, np.full(len(own), float(i)))
    return History.of(SeriesFrame.from_series(series))


class Bench:
    """Fits of one query with a clock that is set by hand."""

    def __init__(self, bench, **changes: object) -> None:
        self.pool, self.wakes = bench.pool, []
        changes = {"history_seconds": STEP_MS // 1000 * N_STEPS, "model": "naive", **changes}
        self.query: ResolvedQuery = bench.query(**changes)
        self.telemetry = Telemetry()
        self.fits = self.made()

    def made(self) -> RollingFit:
        return RollingFit(
            self.query,
            settings_of(self.query),
            self.pool,
            self.telemetry,
            lambda: self.wakes.append(1),
            lookback_ms=STEP_MS,
        )

    def run(self, n_series: int, now: float, rounds: int = 1, n_young: int = 0) -> list[int]:
        """Chunks given to the pool in each of some rounds, a minute apart."""
        submitted = []
        for minute in range(rounds):
            before, at = self.pool.n_submitted, now + 60.0 * minute
            seen = history(n_series, at, n_young)
            if self.fits.has_work(seen, at):
                self.fits.advance(seen, at)
            submitted.append(self.pool.n_submitted - before)
        return submitted


@pytest.fixture
def rolling(bench) -> Bench:
    return Bench(bench)


def test_the_first_fit_goes_at_full_speed_and_the_next_is_spread_over_the_time(rolling) -> None:
    assert rolling.run(640, START, rounds=3) == [32, 8, 0]
    assert rolling.fits.progress == (640, 640)
    assert rolling.wakes, "a first fit asks to be taken up"
    rolling.wakes.clear()
    submitted = rolling.run(640, START + 180.0, rounds=60)
    assert 40 <= sum(submitted) <= 48
    assert max(submitted) <= 8
    assert not rolling.wakes, "refits wait for the next round"
    assert (rolling.fits.fitted.fitted_at_ms >= (START + 100.0) * 1000 // STEP_MS * STEP_MS).all()


def test_refits_of_a_query_that_runs_seldom_ask_to_be_taken_up(bench) -> None:
    rolling = Bench(bench, infer_every_seconds=900)
    rolling.run(4, START, rounds=2)
    rolling.wakes.clear()
    rolling.run(4, START + 3700.0)
    assert rolling.wakes


def test_each_refit_is_told_with_the_time_of_the_oldest_fit(rolling) -> None:
    rolling.run(640, START, rounds=3)
    rolling.run(640, START + 180.0, rounds=30)
    stamp = rolling.telemetry.registry.get_sample_value("pronoia_model_fit_timestamp_seconds", {"query": "cpu"})
    assert stamp == rolling.fits.fitted.fitted_at_ms.min() / 1000
    models = rolling.telemetry.registry.get_sample_value("pronoia_model_series", {"query": "cpu", "model": "constant"})
    assert models == 640


def test_a_restart_is_no_reason_to_refit(rolling) -> None:
    rolling.run(640, START, rounds=3)
    fitted = rolling.fits.fitted
    rolling.fits = rolling.made()
    rolling.fits.restore(fitted)
    assert rolling.fits.progress == (640, 640)
    assert sum(rolling.run(640, START + 240.0, rounds=5)) == 0


def test_young_series_start_no_process_and_cost_the_others_nothing(rolling) -> None:
    assert rolling.run(20, START, rounds=2, n_young=4) == [2, 0]
    assert rolling.fits.fitted.n_series == 16
    assert {reason for _, reason in rolling.fits.fitted.skipped} == {"too_short"}
    assert rolling.run(20, START + 600.0, rounds=2) == [2, 0]
    assert rolling.fits.fitted.n_series == 20
    assert rolling.fits.fitted.skipped == ()


def test_vanished_series_leave_with_the_next_fit(rolling) -> None:
    rolling.run(20, START, rounds=2)
    rolling.run(12, START + 3700.0, rounds=2)
    assert rolling.fits.fitted.n_series == 12
    assert rolling.fits.progress == (12, 12)


def test_a_refit_keeps_the_last_winner_until_its_next_contest(bench) -> None:
    fits = Bench(bench, model="auto", fit_every_seconds=3600)
    for hour in range(8):
        fits.run(2, START + 3600.0 * hour, rounds=3)
    kept = [len(each) for each in fits.pool.incumbents]
    assert 0 in kept, "the first fit is a contest"
    assert kept.count(0) == 4, "of two chunks, the first fit and the seventh"
