"""One query's rounds: what fails stays its own, what worked stays on show, nothing is lost over a restart."""

from __future__ import annotations

import threading
from concurrent.futures import BrokenExecutor, Future
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.errors import (
    EvaluationError,
    QueryTooLarge,
    ResponseTooLarge,
    SeriesLimitExceeded,
    StateError,
    UpstreamStatus,
    UpstreamTimeout,
)
from pronoia.predictions.outcome import OutcomeState
from pronoia.storage.state import StateStore

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600


def states(cycle) -> dict[str, str]:
    return {outcome.stage: outcome.reason or outcome.state.value for outcome in cycle.outcomes}


def test_the_first_round_starts_a_fit_and_the_next_predicts(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle)
    assert cycle.forecast is None
    assert states(cycle) == {"read": "ok", "fit": "ok", "predict": "not_fitted"}
    assert bench.wakes, "the end of a fit asks for an earlier round"
    assert cycle.due_at_seconds <= bench.now
    bench.run(cycle)
    assert cycle.forecast is not None
    assert [str(labels) for labels in cycle.forecast.forecast.labels] == [
        'cpu_ratio{instance="a"}',
        'cpu_ratio{instance="b"}',
    ]
    assert bench.metric("pronoia_series_active", query="cpu") == 2


def test_the_forecast_tells_how_it_was_made(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    told = cycle.forecast.explanation
    assert len(told.weights) == cycle.forecast.forecast.n_series
    assert (told.loss_ratios == 1.0).all()  # the guard against itself
    assert (abs(told.fitted_at_seconds - cycle.forecast.made_at_seconds) <= 600).all()
    assert (told.interval_factors == 1.0).all()


def test_the_forecast_begins_at_now_and_reaches_the_farthest_horizon(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    forecast = cycle.forecast
    made_at_ms = round(forecast.made_at_seconds * 1000)
    assert forecast.forecast.covers(made_at_ms + 6 * 3600 * 1000)
    truth = [0.5 + 0.3 * np.sin(2 * np.pi * (made_at_ms + 3_600_000) / 86_400_000 + phase) for phase in (0, 1)]
    np.testing.assert_allclose(forecast.forecast.at([made_at_ms + 3_600_000]).point[:, 0], truth, atol=0.05)


def test_new_samples_move_the_forecast_without_a_refit(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    submitted, first = bench.pool.n_submitted, cycle.forecast
    bench.run(cycle, rounds=3)
    assert bench.pool.n_submitted == submitted
    assert cycle.forecast.made_at_seconds > first.made_at_seconds


def test_a_refit_comes_when_it_is_due(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    submitted = bench.pool.n_submitted
    bench.now += 3600
    bench.run(cycle, rounds=2)
    assert bench.pool.n_submitted == 2 * submitted


def test_after_the_first_read_only_what_is_new_is_asked_for(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle)
    first = sum(read.duration_ms for read in bench.upstream.reads)
    bench.upstream.reads.clear()
    bench.run(cycle, rounds=2)
    assert first > 4.9 * 86_400_000
    assert sum(read.duration_ms for read in bench.upstream.reads) < 30 * 60 * 1000


def test_a_failed_read_leaves_the_last_forecast_and_says_so(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    before = cycle.forecast
    bench.upstream.error = UpstreamTimeout("no answer within 60 s")
    bench.run(cycle)
    assert cycle.forecast is before
    assert states(cycle)["read"] == "timeout"
    assert bench.metric("pronoia_upstream_up", upstream="prometheus") == 0
    bench.upstream.error = None
    bench.run(cycle)
    assert cycle.forecast is not before
    assert bench.metric("pronoia_upstream_up", upstream="prometheus") == 1


def test_an_expression_that_is_too_large_is_refused_and_its_upstream_is_up(bench) -> None:
    bench.upstream.error = QueryTooLarge("cpu_ratio", "2000 series match, the upstream's limits.max_series is 1000", 0)
    cycle = bench.cycle()
    bench.run(cycle)
    assert states(cycle) == {"read": "limit"}
    assert bench.metric("pronoia_upstream_up", upstream="prometheus") == 1
    assert bench.metric("pronoia_stage_failures_total", query="cpu", stage="read", reason="limit") == 1


def test_the_way_of_reading_is_told_each_round(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle)
    assert bench.metric("pronoia_query_path", query="cpu", path="remote_read") == 1
    bench.upstream.path = "query_api"
    bench.run(cycle)
    assert bench.metric("pronoia_query_path", query="cpu", path="remote_read") == 0
    assert bench.metric("pronoia_query_path", query="cpu", path="query_api") == 1


def test_a_series_that_ended_is_withdrawn_and_the_others_stay(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    bench.upstream.ends_at["b"] = bench.now
    bench.now += STEP_PAST_LOOKBACK
    bench.run(cycle)
    assert [labels["instance"] for labels in cycle.forecast.forecast.labels] == ["a"]
    assert bench.metric("pronoia_series_dropped_total", query="cpu", reason="stale") == 1


STEP_PAST_LOOKBACK = 1800.0


def test_nothing_to_read_is_no_failure(bench) -> None:
    bench.upstream.ends_at = {}
    cycle = bench.cycle()
    bench.run(cycle)
    assert states(cycle) == {"read": "no_series"}
    assert bench.metric("pronoia_upstream_up", upstream="prometheus") == 1


def test_a_worker_that_dies_once_costs_nothing_and_twice_is_counted(bench) -> None:
    bench.pool.break_next = [BrokenExecutor("killed")]
    cycle = bench.cycle()
    bench.run(cycle, rounds=3)
    assert cycle.forecast.forecast.n_series == 2
    bench.pool.break_next = [BrokenExecutor("killed") for _ in range(4)]
    bench.now += 3600
    bench.run(cycle, rounds=3)
    assert bench.metric("pronoia_model_fit_failures_total", query="cpu", reason="worker_died") == 2
    assert cycle.forecast.forecast.n_series == 2, "the earlier fit goes on"


def test_a_defect_in_one_stage_becomes_an_outcome(bench) -> None:
    cycle = bench.cycle()
    bench.upstream.error = RuntimeError("a bug")
    bench.run(cycle)
    assert states(cycle)["read"] == "internal"


def test_a_restart_goes_on_with_the_fit_it_had(bench, tmp_path: Path) -> None:
    bench.store = StateStore(tmp_path)
    before = bench.cycle()
    bench.run(before, rounds=2)
    before.close()
    submitted = bench.pool.n_submitted
    after = bench.cycle()
    bench.run(after)
    assert bench.pool.n_submitted == submitted
    assert after.forecast is not None
    assert after.forecast.forecast.models == before.forecast.forecast.models


def test_state_of_a_query_that_was_changed_is_not_used(bench, tmp_path: Path) -> None:
    bench.store = StateStore(tmp_path)
    before = bench.cycle()
    bench.run(before, rounds=2)
    before.close()
    after = bench.cycle(step_seconds=300)
    bench.run(after)
    assert after.forecast is None


def test_a_fit_that_is_too_old_is_not_predicted_from(bench, tmp_path: Path) -> None:
    bench.store = StateStore(tmp_path)
    before = bench.cycle()
    bench.run(before, rounds=2)
    before.close()
    bench.now += 24 * 3600
    after = bench.cycle()
    bench.run(after)
    assert after.forecast is None
    bench.run(after)
    assert after.forecast is not None


def test_series_over_the_limit_are_left_out_and_counted(bench) -> None:
    bench.upstream.ends_at = dict.fromkeys("abc", np.inf)
    cycle = bench.cycle(max_series=2)
    bench.run(cycle, rounds=2)
    assert cycle.forecast.forecast.n_series == 2
    assert bench.metric("pronoia_series_dropped_total", query="cpu", reason="series_limit") == 1


def test_a_cycle_closed_in_the_middle_of_a_round_finishes_with_it_and_runs_no_more(bench, tmp_path: Path) -> None:
    bench.store = StateStore(tmp_path)
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    read, saved = bench.upstream.read, []

    def read_while_closing(*arguments):
        cycle.close()
        saved.append(len(list(tmp_path.glob("*.state"))))
        return read(*arguments)

    paths = sorted(tmp_path.glob("*.state"))
    for path in paths:
        path.unlink()
    bench.upstream.read = read_while_closing
    bench.run(cycle)
    assert saved[0] == 0, "the round in progress still holds the state"
    assert "learnt" in str(list(tmp_path.glob("*.state")))
    n_reads = len(saved)
    bench.run(cycle)
    assert len(saved) == n_reads


def test_while_others_are_being_fitted_nobody_is_told_that_none_could_be(bench, monkeypatch) -> None:
    bench.upstream.ends_at["b"] = bench.now - 5 * 86_400 + 2 * HOUR
    monkeypatch.setattr(bench.pool, "submit", lambda *_, **__: Future())
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    (predict,) = [outcome for outcome in cycle.outcomes if outcome.stage == "predict"]
    assert predict.detail == (
        "the first fit is not done yet: 1 series being fitted, 1 with fewer than the 16 samples (4h) that are needed"
    )


def test_a_query_with_too_little_history_is_tried_again_soon(bench) -> None:
    bench.upstream.starts_at = bench.now - 600
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    assert states(cycle)["predict"] == "not_fitted"
    assert bench.metric("pronoia_series_dropped_total", query="cpu", reason="too_short") == 2
    (predict,) = [outcome for outcome in cycle.outcomes if outcome.stage == "predict"]
    assert predict.detail == "none of 2 series could be fitted: 2 with fewer than the 16 samples (4h) that are needed"
    assert bench.pool.n_submitted == 0, "no process is started to say so"
    bench.run(cycle, rounds=3 * 16, seconds=300.0)
    assert cycle.forecast is not None
    assert bench.pool.n_submitted == 2


def test_a_restart_tells_what_is_fitted(bench, tmp_path: Path) -> None:
    bench.store = StateStore(tmp_path)
    before = bench.cycle()
    bench.run(before, rounds=2)
    before.close()
    bench.telemetry = type(bench.telemetry)()
    bench.cycle()
    assert bench.metric("pronoia_model_series", query="cpu", model="seasonal-naive") == 2
    assert bench.metric("pronoia_model_fit_timestamp_seconds", query="cpu") > 0


def test_a_cycle_closed_between_the_end_of_a_round_and_its_letting_go_still_finishes(bench, tmp_path: Path) -> None:
    bench.store = StateStore(tmp_path)
    cycle = bench.cycle()

    class ClosedOnRelease:
        """Somebody closes the cycle after the round's last look at whether it is closed."""

        def __init__(self) -> None:
            self.lock = threading.Lock()
            self.acquire, self.release = self.lock.acquire, self.lock.release

        def __enter__(self) -> None:
            self.lock.acquire()

        def __exit__(self, *_: object) -> None:
            cycle.close()
            self.lock.release()

    bench.run(cycle)
    cycle._running = ClosedOnRelease()
    bench.run(cycle)
    assert states(cycle)["save"] == "ok"
    assert cycle._is_finished


def test_a_full_disk_costs_the_state_and_not_the_forecast(bench, tmp_path: Path, monkeypatch) -> None:
    bench.store = StateStore(tmp_path)

    def full(*_: object) -> None:
        raise StateError("state cannot be written: No space left on device")

    monkeypatch.setattr(bench.store, "save", full)
    cycle = bench.cycle(infer_every_seconds=600)
    for _ in range(4):
        bench.run(cycle, seconds=600)
    assert cycle.forecast.made_at_seconds == bench.now - 600
    assert states(cycle)["predict"] == "ok"
    assert states(cycle)["save"] == "state"


def test_a_fit_is_written_once_and_what_is_learnt_every_few_minutes(bench, tmp_path: Path, monkeypatch) -> None:
    bench.store, written = StateStore(tmp_path), []
    monkeypatch.setattr(bench.store, "save", lambda name, *_: written.append(name))
    cycle = bench.cycle()
    bench.run(cycle, rounds=20)
    assert written.count("fitted cpu") == 1
    assert 3 <= written.count("learnt cpu") <= 5


def test_a_crash_after_the_first_fits_costs_none_though_a_series_was_too_young_for_one(bench, tmp_path: Path) -> None:
    bench.store = StateStore(tmp_path)
    bench.upstream.ends_at["a"] = bench.now - 5 * 24 * HOUR + HOUR
    bench.run(bench.cycle(), rounds=2)
    restarted = bench.cycle()
    bench.run(restarted)
    assert states(restarted)["predict"] == "ok"
    assert [str(labels) for labels in restarted.forecast.forecast.labels] == ['cpu_ratio{instance="b"}']


def test_an_expression_is_evaluated_at_least_once_a_step(bench) -> None:
    steps = set()
    read = bench.upstream.read
    bench.upstream.read = lambda expression, time_range, step_ms: (
        steps.add(step_ms) or read(expression, time_range, step_ms)
    )
    bench.run(bench.cycle(infer_every_seconds=3600, step_seconds=900))
    assert steps == {900_000}


@pytest.mark.parametrize(
    "refusal", [UpstreamStatus(422, "many-to-many matching"), ResponseTooLarge("the body", 2, 1)], ids=["422", "size"]
)
def test_a_query_that_is_refused_does_not_take_its_upstream_for_down(bench, refusal) -> None:
    bench.upstream.error = refusal
    cycle = bench.cycle()
    bench.run(cycle)
    assert states(cycle)["read"] == refusal.cause
    assert bench.metric("pronoia_upstream_up", upstream="prometheus") == 1


@pytest.mark.parametrize(
    "error", [EvaluationError("found duplicate series"), SeriesLimitExceeded("series", 2, 1)], ids=["query", "limit"]
)
def test_what_somebody_has_to_change_is_a_failure_told_once(bench, caplog, error) -> None:
    cycle = bench.cycle()
    bench.upstream.error = error
    bench.run(cycle, rounds=3)
    (read,) = [outcome for outcome in cycle.outcomes if outcome.stage == "read"]
    assert (read.state, read.reason) == (OutcomeState.FAILED, error.cause)
    assert [record.levelname for record in caplog.records if "read failed" in record.getMessage()] == ["ERROR"]


def test_the_traceback_of_a_defect_is_logged_once_and_not_every_round(bench, caplog) -> None:
    cycle = bench.cycle()
    bench.upstream.error = RuntimeError("a bug")
    bench.run(cycle, rounds=5)
    assert len([record for record in caplog.records if record.exc_info]) == 1


def test_a_clock_set_back_brings_a_new_fit_and_no_forecast_at_the_wrong_time_of_day(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    bench.now -= 12 * 3600
    submitted = bench.pool.n_submitted
    bench.run(cycle)
    assert bench.pool.n_submitted > submitted
    assert states(cycle)["predict"] == "not_fitted"
    bench.run(cycle)
    assert cycle.forecast.made_at_seconds == bench.now - 60


def test_a_fit_that_cannot_be_renewed_grows_too_old_however_often_it_is_tried(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    for _ in range(4):
        bench.pool.break_next = [BrokenExecutor("killed") for _ in range(4)]
        bench.run(cycle, rounds=3)
        bench.now += 3600
    assert states(cycle)["predict"] == "not_fitted"


def test_series_lost_in_the_first_fit_are_counted(bench) -> None:
    bench.pool.break_next = [BrokenExecutor("killed") for _ in range(4)]
    cycle = bench.cycle()
    bench.run(cycle, rounds=3)
    assert cycle.forecast is None
    assert bench.metric("pronoia_model_fit_failures_total", query="cpu", reason="worker_died") == 2


def instances(cycle) -> list[str]:
    return [labels["instance"] for labels in cycle.forecast.forecast.labels]


def test_a_new_series_is_counted_and_joins_within_minutes_of_having_enough_samples(bench) -> None:
    cycle = bench.cycle(fit_every_seconds=12 * HOUR, step_seconds=300)
    bench.run(cycle, rounds=2)
    submitted = bench.pool.n_submitted
    bench.upstream.ends_at["new"] = np.inf
    bench.run(cycle, rounds=5)
    assert bench.metric("pronoia_series_dropped_total", query="cpu", reason="too_short") == 5
    assert instances(cycle) == ["a", "b"]
    bench.run(cycle, rounds=5 * 16 + 5)
    assert instances(cycle) == ["a", "b", "new"]
    assert bench.pool.n_submitted == submitted + 1, "the others wait for their turn"


def test_a_series_lost_with_its_worker_is_counted_until_its_next_turn(bench) -> None:
    cycle, submit = bench.cycle(), bench.pool.submit

    def kill(history, settings, incumbents):
        if history.labels[0]["instance"] == "b":
            bench.pool.break_next = [BrokenExecutor("killed")]
        return submit(history, settings, incumbents)

    bench.pool.submit = kill
    bench.run(cycle, rounds=5)
    assert instances(cycle) == ["a"]
    assert bench.metric("pronoia_model_fit_failures_total", query="cpu", reason="worker_died") == 1
    assert bench.metric("pronoia_series_dropped_total", query="cpu", reason="awaits_fit") == 4
    bench.pool.submit = submit
    bench.now += 3600
    bench.run(cycle, rounds=2)
    assert sorted(instances(cycle)) == ["a", "b"]


def test_a_restart_goes_on_with_a_first_fit_that_was_not_done(bench, tmp_path: Path) -> None:
    bench.store = StateStore(tmp_path)
    before = bench.cycle()
    bench.run(before, rounds=2)
    before.close()
    bench.upstream.ends_at["c"] = np.inf
    submitted = bench.pool.n_submitted
    after = bench.cycle()
    bench.run(after, rounds=2)
    assert bench.pool.n_submitted == submitted + 1
    assert instances(after) == ["a", "b", "c"]


def test_a_vanished_series_leaves_and_the_timestamp_is_that_of_the_oldest_fit(bench) -> None:
    bench.upstream.ends_at["b"] = bench.now
    cycle = bench.cycle(history_seconds=24 * HOUR)
    bench.run(cycle, rounds=2)
    fitted_at = bench.metric("pronoia_model_fit_timestamp_seconds", query="cpu")
    bench.now += 25 * HOUR
    bench.run(cycle, rounds=2)
    assert instances(cycle) == ["a"]
    assert cycle.fit_progress == (1, 1)
    assert bench.metric("pronoia_model_fit_timestamp_seconds", query="cpu") > fitted_at + 24 * HOUR


def test_a_cycle_closed_while_it_reads_starts_nothing_more(bench) -> None:
    cycle, read = bench.cycle(), bench.upstream.read

    def read_while_closing(*arguments):
        cycle.close()
        return read(*arguments)

    bench.upstream.read = read_while_closing
    bench.run(cycle)
    assert bench.pool.n_submitted == 0
    assert set(states(cycle)) == {"read", "save"}


def test_a_forecast_that_grew_too_old_is_withdrawn_told_and_counted(bench, caplog) -> None:
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    bench.upstream.error = UpstreamTimeout("no answer within 60 s")
    bench.run(cycle, rounds=5)
    assert cycle.forecast is not None
    bench.run(cycle, rounds=10)
    assert cycle.forecast is None
    assert bench.metric("pronoia_series_active", query="cpu") == 0
    assert caplog.text.count("is withdrawn") == 1


def test_a_round_without_a_fit_is_not_counted_as_one(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle, rounds=2)
    fits = bench.metric("pronoia_stage_runs_total", query="cpu", stage="fit")
    bench.run(cycle, rounds=5)
    assert bench.metric("pronoia_stage_runs_total", query="cpu", stage="fit") == fits


def test_a_value_beyond_the_limits_does_not_show_in_the_forecast(bench) -> None:
    cycle = bench.cycle(maximum=0.6)
    bench.run(cycle, rounds=2)
    assert cycle.forecast.observed.max() <= 0.6
