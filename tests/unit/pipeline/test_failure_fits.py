"""A failure is learnt from what happened: in a worker, kept over a restart, and told of."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from prometheus_client import generate_latest

from pronoia.config.load import parse
from pronoia.errors import StateError, UpstreamTimeout
from pronoia.exposition.failure_families import FAILURE_HAPPENING
from pronoia.exposition.failures import failure_samples
from pronoia.exposition.source_labels import SourceLabels
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline import failure_systems as failure_systems_module
from pronoia.pipeline.failure_cycle import FailureCycle
from pronoia.pipeline.failure_systems import FailureRead, failure_systems, watched_systems
from pronoia.series import History, LabelSet, SeriesFrame, TimeRange
from pronoia.storage.state import StateStore

if TYPE_CHECKING:
    from pathlib import Path

    from pronoia.predictions.failure import FailureRisk

NOW = 1_795_602_000.0
KILLS = "increase(oom_kills_total[5m]) > 0"
HISTORY, N_FAILING, N_SYSTEMS = 6 * 3_600.0, 8, 20
CONFIG = """
presets: []
queries: [{name: used, expr: container_memory_used, step: 1m, infer_every: 30s, history: 6h}]
failure:
  signals:
    - {name: memory, failure: oom, expr: container_memory_used}
  conditions:
    - {failure: oom, expr: "increase(oom_kills_total[5m]) > 0"}
    - {failure: link_down, expr: "up == 0", history: 2d}
  horizons: [15m, 1h]
  history: 6h
  step: 30s
  fit_every: 10s
"""


class Containers:
    """An upstream: some containers leak for ten minutes, to 95 %, and are killed; others rise half as far."""

    def __init__(self, n_failing: int = N_FAILING) -> None:
        self.n_failing = n_failing
        self.failing: set[str] = set()

    def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        if expression in self.failing:
            raise UpstreamTimeout("prometheus", "no answer")
        series = {}
        for number in range(N_SYSTEMS):
            begins, fails = NOW - HISTORY + 5_000.0 + 500.0 * number, number < self.n_failing
            times = np.arange(max(time_range.start_ms / 1_000, NOW - HISTORY), time_range.end_ms / 1_000 + 1.0, 30.0)
            since = times - begins
            labels = {"pod": f"p{number}", "container": "app"}
            if expression == "container_memory_used":
                speed = 0.65 / 600.0 * (1.0 if fails else 0.5)
                values = 0.3 + np.where((since >= 0.0) & (since < 600.0), speed * since, 0.0)
                values += np.random.default_rng(number).normal(0.0, 0.003, len(times))
            elif fails:
                labels |= {"node": "n"}
                is_on = (since >= 600.0) & (since < 900.0)
                times, values = times[is_on], np.ones(int(is_on.sum()))
            if (expression == "container_memory_used" or fails) and len(times):
                series[LabelSet({"__name__": "x", **labels})] = ((times * 1_000).astype(np.int64), values)
        return SeriesFrame.from_series(series)

    def parts(self, expression: str, time_range: TimeRange, step_ms: int) -> Any:
        yield self.read(expression, time_range, step_ms)


class Worker:
    """A pool that fits when it is asked to, in this process."""

    def __init__(self) -> None:
        self.long_fit = threading.Lock()
        self.n_fits = 0
        self.error: Exception | None = None

    def submit_work(self, work: Any, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.n_fits += 1
        if self.error is not None:
            future.set_exception(self.error)
        else:
            future.set_result(work(*arguments))
        return future


def _cycle(
    worker: Worker, store: StateStore | None = None, text: str = CONFIG, n_failing: int = N_FAILING, **more: Any
):
    failure = next(each for each in parse(text, "t").resolved_failures() if each.name == "oom")
    return FailureCycle(
        failure,
        {"prometheus": more.pop("upstream", None) or Containers(n_failing)},
        more.pop("queries", {}.get),
        pool=worker,
        store=store,
        max_series=100,
        telemetry=more.pop("telemetry", None) or Telemetry(),
    )


def _run(cycle: FailureCycle, *at: float) -> FailureRisk:
    for seconds in at:
        cycle.run(NOW + seconds)
    assert cycle.risk is not None, cycle.outcomes
    return cycle.risk


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    directory = tmp_path_factory.mktemp("state")
    telemetry = Telemetry()
    cycle = _cycle(Worker(), StateStore(directory), telemetry=telemetry)
    before = _run(cycle, 0.0)
    return directory, before, _run(cycle, 10.0, 11.0), telemetry


def test_the_trend_speaks_until_the_first_fit(learnt) -> None:
    _, before, after, _ = learnt
    assert (before.n_events, before.speaker) == (0, "prior")
    assert after.n_events == N_FAILING
    # A resting container was never seen to fail: it is safer than the laboratory's were.
    assert np.median(after.probability[:, 0]) < 0.5 * np.median(before.probability[:, 0])


def test_what_was_learnt_speaks_after_a_restart_without_another_fit(learnt) -> None:
    directory, _, after, _ = learnt
    worker = Worker()
    risk = _run(_cycle(worker, StateStore(directory)), 12.0)
    assert worker.n_fits == 0
    assert risk.n_events == N_FAILING
    assert risk.probability == pytest.approx(after.probability, abs=0.02, nan_ok=True)


def test_what_was_learnt_of_another_signal_is_not_used(learnt) -> None:
    directory, _, _, _ = learnt
    risk = _run(
        _cycle(
            Worker(), StateStore(directory), CONFIG.replace("failure: oom, expr: c", "failure: oom, limit: 2, expr: c")
        ),
        12.0,
    )
    assert risk.n_events == 0


def test_a_fit_is_counted(learnt) -> None:
    _, _, _, telemetry = learnt
    page = generate_latest(telemetry.registry).decode()
    assert 'pronoia_failure_model_fits_total{failure="oom",outcome="accepted"} 1.0' in page


def test_few_failures_are_told_and_the_trend_goes_on() -> None:
    risk = _run(_cycle(Worker(), n_failing=2), 0.0, 10.0, 11.0)
    assert (risk.n_events, risk.speaker) == (2, "prior")


def test_a_fit_that_fails_or_cannot_be_saved_costs_no_prediction(tmp_path: Path, monkeypatch) -> None:
    worker = Worker()
    worker.error = RuntimeError("killed")
    cycle = _cycle(worker, StateStore(tmp_path))
    assert _run(cycle, 0.0, 10.0, 11.0).n_events == 0
    worker.error = None

    def full(*_: object) -> None:
        message = "disk full"
        raise StateError(message)

    monkeypatch.setattr(StateStore, "save", full)
    assert _run(cycle, 21.0, 22.0).n_events == N_FAILING
    assert worker.long_fit.acquire(blocking=False), "it waits for nobody"


def test_another_long_fit_is_waited_for() -> None:
    worker = Worker()
    cycle = _cycle(worker)
    with worker.long_fit:
        _run(cycle, 0.0, 10.0)
    assert worker.n_fits == 0
    _run(cycle, 11.0)
    assert worker.n_fits == 1


def test_a_signal_of_a_query_takes_its_history_and_reads_nothing() -> None:
    class Query:
        outcomes = ("read",)
        history = History.of(Containers().read("container_memory_used", TimeRange(0, int(NOW * 1_000)), 1))

    text = CONFIG.replace("failure: oom, expr: container_memory_used", "failure: oom, query: used")
    cycle = _cycle(Worker(), text=text, queries={"used": Query()}.get)
    assert _run(cycle, 0.0).n_subjects == N_SYSTEMS
    early = _cycle(Worker(), text=text)
    early.run(NOW)
    assert early.risk is None
    assert early.due_at_seconds == NOW + 2.0, "the query has read nothing yet"
    Query.history = History.of(SeriesFrame.empty())
    never = _cycle(Worker(), text=text, queries={"used": Query()}.get)
    never.run(NOW)
    assert never.due_at_seconds == NOW + 30.0, "there is nothing to wait for"


def test_nothing_is_learnt_before_all_queries_have_been_read() -> None:
    """Rows are learnt once: what was left out of them stays out."""

    class Query:
        outcomes = ("read",)
        history = History.of(Containers().read("container_memory_used", TimeRange(0, int(NOW * 1_000)), 1))

    text = CONFIG.replace("  conditions:", "    - {name: of_query, failure: oom, query: used}\n  conditions:")
    queries: dict[str, Any] = {}
    worker = Worker()
    cycle = _cycle(worker, text=text, queries=queries.get)
    assert _run(cycle, 0.0, 10.0, 11.0).n_subjects == N_SYSTEMS
    assert worker.n_fits == 0
    queries["used"] = Query()
    assert _run(cycle, 12.0, 22.0, 23.0).n_events == N_FAILING


def test_a_condition_that_cannot_be_read_costs_neither_predictions_nor_what_is_learnt_later(caplog) -> None:
    worker, telemetry, upstream = Worker(), Telemetry(), Containers()
    cycle = _cycle(worker, upstream=upstream, telemetry=telemetry)
    upstream.failing = {KILLS}
    assert _run(cycle, 0.0, 10.0, 11.0).n_subjects == N_SYSTEMS
    assert worker.n_fits == 0, "rows are learnt once, and these would say that nothing failed"
    unread = "pronoia_failure_unread_sources"
    assert telemetry.registry.get_sample_value(unread, {"failure": "oom"}) == 1.0
    assert sum(f"condition {KILLS} cannot be read" in record.message for record in caplog.records) == 1
    upstream.failing = set()
    assert _run(cycle, 42.0, 72.0, 102.0).n_events == N_FAILING
    assert telemetry.registry.get_sample_value(unread, {"failure": "oom"}) == 0.0


def test_when_nothing_can_be_read_that_is_the_outcome() -> None:
    upstream = Containers()
    upstream.failing = {KILLS, "container_memory_used"}
    cycle = _cycle(Worker(), upstream=upstream)
    cycle.run(NOW)
    (read,) = cycle.outcomes
    assert (read.state.value, read.reason) == ("failed", "timeout")


def test_a_signal_at_its_limit_lasts_until_its_query_is_read_again() -> None:
    class Query:
        outcomes = ("read",)
        history = History.of(Containers().read("container_memory_used", TimeRange(0, int(NOW * 1_000)), 1))

    text = CONFIG.replace("failure: oom, expr: container_memory_used", "failure: oom, limit: 0.25, query: used")
    cycle = _cycle(Worker(), text=text.replace("infer_every: 30s", "infer_every: 5m"), queries={"used": Query()}.get)
    assert len(_run(cycle, 0.0).happening) == N_SYSTEMS
    assert len(_run(cycle, 290.0).happening) == N_SYSTEMS
    assert len(_run(cycle, 900.0).happening) == 0


def test_a_failure_without_signals_is_told_from_when_it_happened() -> None:
    failure = next(each for each in parse(CONFIG, "t").resolved_failures() if each.name == "link_down")
    cycle = FailureCycle(
        failure, {"prometheus": Containers()}, {}.get, pool=Worker(), store=None, max_series=100, telemetry=Telemetry()
    )
    risk = _run(cycle, 0.0)
    assert (risk.speaker, risk.n_events, risk.n_subjects) == ("recurrence", N_FAILING, N_FAILING)
    assert ((risk.probability > 0.0) & (risk.probability < 1.0)).all()


def test_what_happens_now_is_told_by_conditions_and_by_signals_at_their_limits() -> None:
    # The last container that is killed began to leak 8,500 s after the beginning of the history.
    killed = NOW - HISTORY + 8_500.0 + 600.0
    cycle = _cycle(Worker())
    cycle.run(killed - 60.0)
    assert cycle.risk is not None
    assert cycle.risk.happening == frozenset()
    cycle.run(killed + 120.0)
    assert {cycle.risk.labels[row]["pod"] for row in cycle.risk.happening} == {f"p{N_FAILING - 1}"}
    cycle.run(killed + 1_200.0)
    assert cycle.risk.happening == frozenset()
    full = _cycle(Worker(), text=CONFIG.replace("failure: oom, expr: c", "failure: oom, limit: 0.25, expr: c"))
    assert len(_run(full, 0.0).happening) == N_SYSTEMS
    page = failure_samples(full.risk, SourceLabels.of(full.risk.labels, None, frozenset()))[FAILURE_HAPPENING]
    assert page[0].startswith('pronoia_failure_happening{failure="oom",container="app",pod="p0"} 1')


def test_of_many_systems_a_fit_looks_at_those_that_failed_and_some_others(monkeypatch) -> None:
    monkeypatch.setattr(failure_systems_module, "_MOST_SYSTEMS", 10)
    failure = next(each for each in parse(CONFIG, "t").resolved_failures() if each.name == "oom")
    whole = TimeRange(int((NOW - HISTORY) * 1_000), int(NOW * 1_000))
    containers = Containers()
    histories = (History.of(containers.read("container_memory_used", whole, 30_000)),)
    read = FailureRead(histories, (containers.read("kills", whole, 30_000),))
    systems = failure_systems(failure, read)
    watched = watched_systems(failure, read, systems, NOW)
    failed = sum(len(each.starts_seconds) > 0 for each in watched.occurrences)
    assert failed == N_FAILING
    assert len(watched.ids) == N_FAILING + 5
    assert watched.quiet_share == pytest.approx(5 / (N_SYSTEMS - N_FAILING))
    assert watched.signals[0].history.n_series == len(watched.ids)
    assert set(watched.ids) <= set(watched_systems_of_all(failure, read, systems, monkeypatch).ids)


def watched_systems_of_all(failure, read, systems, monkeypatch):
    monkeypatch.setattr(failure_systems_module, "_MOST_SYSTEMS", 100)
    return watched_systems(failure, read, systems, NOW)
