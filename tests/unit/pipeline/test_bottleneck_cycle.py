"""One resource's rounds: whoever can be spoken of is, whoever cannot is counted, and nobody disturbs another."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.config.load import parse
from pronoia.errors import UpstreamTimeout
from pronoia.exposition.telemetry import Telemetry
from pronoia.models.bottleneck.local import LocalFit
from pronoia.models.bottleneck.saved import risks_to_arrays
from pronoia.models.bottleneck.shipped import shipped_risks
from pronoia.pipeline.bottleneck_cycle import BottleneckCycle
from pronoia.pipeline.bottleneck_model import BottleneckModel
from pronoia.pipeline.bottleneck_reader import BottleneckReader
from pronoia.predictions.bottleneck import RISK_TARGETS, RiskModel
from pronoia.series import LabelSet, SeriesFrame, TimeRange
from pronoia.storage.state import StateStore
from pronoia.transport.settings import UpstreamSettings

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400
# 10:20 on a Wednesday, UTC.
NOW = 1_795_602_000.0
CONFIG = """
queries: [{name: load, expr: node_load1}]
bottleneck: {resources: [{name: cpu, expr: cpu_ratio, entity: [instance]}], infer_every: 1m}
"""


def usual(times: np.ndarray) -> np.ndarray:
    """A quiet machine with a job of half an hour each day, ten minutes from now."""
    since_start = (times / 1000 - NOW - 600) % DAY
    return np.where(since_start < 1800, 0.97, 0.2 + 0.05 * np.sin(times / 7e6))


@dataclass
class Machines:
    """An upstream that knows a sample a minute of each machine."""

    values: dict[str, object] = field(default_factory=lambda: {"a": usual})
    known_for_seconds: dict[str, float] = field(default_factory=dict)
    clock_ahead_seconds: dict[str, float] = field(default_factory=dict)
    error: Exception | None = None
    name: str = "prometheus"
    settings: UpstreamSettings = field(default_factory=lambda: UpstreamSettings("prometheus", "http://localhost:9090"))

    def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        if self.error:
            raise self.error
        series = {}
        for instance, of in self.values.items():
            ahead = self.clock_ahead_seconds.get(instance, 0.0)
            first = NOW - self.known_for_seconds.get(instance, 15 * DAY)
            begin = max(time_range.start_ms, first * 1000)
            end = min(time_range.end_ms, (NOW + 7 * DAY + min(ahead, 0.0)) * 1000)
            if ahead < 0:
                end = min(end, time_range.end_ms + ahead * 1000)
            times = np.arange(-(-begin // 60_000) * 60_000, end + 1, 60_000)
            if len(times):
                series[LabelSet({"__name__": expression, "instance": instance})] = (times, of(times - ahead * 1000))
        return SeriesFrame.from_series(series)

    def parts(self, expression: str, time_range: TimeRange, step_ms: int):
        yield self.read(expression, time_range, step_ms)


class PoolInProcess:
    """Does the work at once, here."""

    def __init__(self) -> None:
        self.submitted: list = []
        self.long_fit = Lock()

    def submit_work(self, work, *args) -> Future:
        self.submitted.append(args)
        future: Future = Future()
        try:
            future.set_result(work(*args))
        except Exception as error:  # noqa: BLE001 - as a pool does
            future.set_exception(error)
        return future


class Bench:
    def __init__(self, upstream: Machines, config: str = CONFIG, store: StateStore | None = None) -> None:
        self.resource = parse(config, "t").resolved_resources()[0]
        self.upstream = upstream
        self.telemetry = Telemetry()
        self.telemetry.keep_queries([], [self.resource.name])
        reader = BottleneckReader(self.resource, lambda _: None, upstream, max_series=100)
        model = BottleneckModel(self.resource.name, shipped_risks(), RiskModel("prior"), self.telemetry)
        self.pool = PoolInProcess()
        self.cycle = BottleneckCycle(
            self.resource,
            reader,
            model,
            lambda _: None,
            pool=self.pool,
            store=store,
            telemetry=self.telemetry,
        )

    def run(self, now_seconds: float = NOW) -> Bench:
        self.cycle.run(now_seconds)
        return self

    def states(self) -> dict[str, str]:
        return {outcome.stage: outcome.reason or outcome.state.value for outcome in self.cycle.outcomes}

    def metric(self, name: str, **labels: str) -> float | None:
        told = {"resource": self.resource.name, **labels}
        return self.telemetry.registry.get_sample_value(f"pronoia_bottleneck_{name}", told)

    def skipped(self, reason: str) -> float | None:
        return self.metric("skipped_total", reason=reason)

    def probability(self, instance: str, target: str = "state", horizon: int = 1) -> float:
        risk = self.cycle.risk
        row = [labels.get("instance") for labels in risk.labels].index(instance)
        return float(risk.probability[row, RISK_TARGETS.index(target), horizon])


def test_a_daily_job_is_foretold_with_its_time_and_causes() -> None:
    bench = Bench(Machines({"a": usual, "idle": lambda t: 0.1 + 0.01 * np.sin(t / 3e6)})).run()
    assert bench.states() == {"read": "ok", "predict": "ok"}
    assert bench.probability("a") > 0.6
    assert bench.probability("a", "onset") > 0.5
    assert bench.probability("idle") < 0.05
    risk = bench.cycle.risk
    assert 0.0 < risk.eta_seconds[0] <= 1800.0
    assert np.isnan(risk.eta_seconds[1])
    assert risk.severity[0] > risk.severity[1] == 1
    assert risk.causes[0]
    assert not risk.causes[1], "of the unlikely nobody asks"
    assert risk.utilisation[0] == pytest.approx(usual(np.array([NOW * 1000]))[0], abs=1e-3)
    assert (risk.model.source, risk.is_young.any()) == ("prior", False)


def test_during_an_overload_there_is_no_onset_and_no_time_left() -> None:
    bench = Bench(Machines()).run(NOW + 1200)
    assert bench.cycle.risk.eta_seconds[0] == 0.0
    assert bench.probability("a", horizon=0) > 0.5
    assert np.isnan(bench.probability("a", "onset"))


ODD = {
    "gone": Machines({"odd": usual}, known_for_seconds={"odd": 15 * DAY}, clock_ahead_seconds={"odd": -3600.0}),
    "constant": Machines({"odd": lambda t: np.full(len(t), 0.3)}),
    "constantly full": Machines({"odd": lambda t: np.full(len(t), 0.99)}),
    "reset": Machines({"odd": lambda t: np.where(t > (NOW - 300) * 1000, 0.0, 0.7 + 0.1 * np.sin(t / 4e6))}),
    "not a number": Machines({"odd": lambda t: np.full(len(t), np.nan)}),
    "impossible": Machines({"odd": lambda t: np.where(np.arange(len(t)) % 2, -1e9, 1e30)}),
    "ten minutes": Machines({"odd": usual}, known_for_seconds={"odd": 600.0}),
    "an hour ahead": Machines({"odd": usual}, clock_ahead_seconds={"odd": 3600.0}),
    "an hour behind": Machines({"odd": usual}, clock_ahead_seconds={"odd": -3600.0}),
}


@pytest.mark.parametrize(
    ("odd", "outcome"),
    [
        ("gone", "stale"),
        ("constant", "unlikely"),
        ("constantly full", "overloaded"),
        ("reset", "unlikely"),
        ("not a number", "stale"),
        ("impossible", "spoken of"),
        ("ten minutes", "too_short"),
        ("an hour ahead", "spoken of"),
        ("an hour behind", "stale"),
    ],
)
def test_an_odd_system_has_an_outcome_of_its_own_and_disturbs_no_other(odd: str, outcome: str) -> None:
    alone = Bench(Machines({"a": usual})).run()
    machines = replace(ODD[odd], values={"a": usual, **ODD[odd].values})
    bench = Bench(machines).run()
    assert bench.states() == {"read": "ok", "predict": "ok"}
    for target in RISK_TARGETS:
        assert bench.probability("a", target) == pytest.approx(alone.probability("a", target), abs=0.02)
    spoken_of = [labels.get("instance") for labels in bench.cycle.risk.labels]
    if outcome in ("stale", "too_short"):
        assert spoken_of == ["a"]
        assert bench.skipped(outcome) == 1
    else:
        assert spoken_of == ["a", "odd"]
        assert bench.skipped("stale") is None
    if outcome == "unlikely":
        assert bench.probability("odd") < 0.1
    if outcome == "overloaded":
        assert bench.probability("odd") > 0.9


def test_an_hour_of_history_is_enough_for_the_prior_with_a_flag() -> None:
    bench = Bench(Machines(known_for_seconds={"a": 3600.0})).run()
    assert bench.cycle.risk.is_young.all()
    assert bench.probability("a") < 0.5, "a daily job cannot be known"


def test_nobody_to_speak_of_is_no_failure() -> None:
    bench = Bench(Machines(known_for_seconds={"a": 600.0})).run()
    assert bench.states() == {"read": "ok", "predict": "no_series"}
    assert bench.cycle.risk is None
    assert Bench(Machines({})).run().states() == {"read": "no_series"}


def test_what_failed_leaves_the_last_risks_on_show_until_they_are_too_old() -> None:
    bench = Bench(Machines()).run()
    shown = bench.cycle.risk
    bench.upstream.error = UpstreamTimeout("no answer")
    bench.run(NOW + 60)
    assert bench.states()["read"] == "timeout"
    assert bench.cycle.risk is shown
    bench.run(NOW + 601)
    assert bench.cycle.risk is None
    bench.upstream.error = None
    assert bench.run(NOW + 700).cycle.risk is not None


def test_a_defect_stays_in_its_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(Machines())
    monkeypatch.setattr("pronoia.pipeline.bottleneck_cycle.assess", lambda *_, **__: 1 / 0)
    assert bench.run().states() == {"read": "ok", "predict": "internal"}


def test_rounds_are_as_often_as_configured_and_sooner_while_its_query_has_not_been_read() -> None:
    assert Bench(Machines()).run().cycle.due_at_seconds == NOW + 60
    # What it reads itself it asks for no more often where there is nothing.
    assert Bench(Machines({})).run().cycle.due_at_seconds == NOW + 60
    of_query = CONFIG.replace("expr: cpu_ratio", "query: load, threshold: 0.8").replace(
        "node_load1}", "node_load1, step: 1m}"
    )
    assert Bench(Machines(), of_query).run().cycle.due_at_seconds == NOW + 2


def test_a_closed_cycle_does_nothing() -> None:
    bench = Bench(Machines())
    bench.cycle.close()
    assert bench.run().cycle.risk is None


def run_for(bench: Bench, slots: int, begin: float = NOW) -> None:
    for slot in range(slots):
        bench.run(begin + 300 * slot)


def test_matured_probabilities_are_scored_and_warnings_timed() -> None:
    bench = Bench(Machines({"a": usual, "idle": lambda t: 0.1 + 0.01 * np.sin(t / 3e6)}))
    # From three hours before the job until it has begun.
    run_for(bench, 46, NOW - 3 * 3600)
    assert bench.metric("matured_total") > 100
    state = {"horizon": "15m", "target": "state"}
    assert 0.0 <= bench.metric("brier_ratio", **state) < 0.1
    assert bench.metric("recall_ratio", **state) > 0.5
    announced, missed = (bench.metric("onsets_total", announced=each) for each in ("true", "false"))
    assert announced + missed == 1
    assert bench.metric("recalibrated_classifiers") == 0, "two machines are too few positives in three hours"
    if announced:
        assert bench.metric("lead_seconds") >= 900


def fit_of(arrays: dict | None, reason: str = "") -> object:
    return lambda history, in_use, blend: LocalFit(arrays, 41, 3 if arrays else 0, reason)


def fitting(monkeypatch: pytest.MonkeyPatch, work: object) -> None:
    monkeypatch.setattr("pronoia.pipeline.bottleneck_fits.fit_local", work)
    monkeypatch.setattr("pronoia.pipeline.bottleneck_fits.local_spans", lambda _: (object(), ""))


def fits(bench: Bench, outcome: str) -> float | None:
    return bench.metric("model_fits_total", outcome=outcome)


def test_better_classifiers_of_local_history_take_over_and_survive_a_restart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fitting(monkeypatch, fit_of(risks_to_arrays(shipped_risks())))
    bench = Bench(Machines(), store=StateStore(tmp_path)).run()
    assert not bench.pool.submitted, "the forecasts' first fits come first"
    bench.run(NOW + 600).run(NOW + 660)
    assert fits(bench, "accepted") == 1
    assert bench.cycle.risk.model == RiskModel("local", NOW + 600, 41)
    assert bench.metric("model_info", source="local", neural="false") == 1
    bench.run(NOW + 720)
    assert len(bench.pool.submitted) == 1, "once a day"
    bench.cycle.close()
    again = Bench(Machines(), store=StateStore(tmp_path)).run(NOW + 800)
    assert again.cycle.risk.model == RiskModel("local", NOW + 600, 41)
    assert again.cycle._learning._quality.sums.sum() == bench.cycle._learning._quality.sums.sum()
    other = Bench(Machines(), CONFIG.replace("cpu_ratio", "cpu_share"), store=StateStore(tmp_path))
    assert other.cycle._model.told.source == "prior", "other values, other overloads"


def test_classifiers_that_are_no_better_are_not_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    fitting(monkeypatch, fit_of(None, "no classifier lost less"))
    bench = Bench(Machines()).run().run(NOW + 600).run(NOW + 660)
    assert fits(bench, "rejected") == 1
    assert bench.cycle.risk.model.source == "prior"


def test_a_fit_that_fails_costs_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    fitting(monkeypatch, lambda history, in_use, blend: 1 / 0)
    bench = Bench(Machines()).run().run(NOW + 600).run(NOW + 660)
    assert fits(bench, "failed") == 1
    assert bench.states()["predict"] == "ok"


def test_a_fit_that_is_stuck_is_cut_off_counted_and_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fitting(monkeypatch, lambda history, in_use, blend: time.sleep(60))
    monkeypatch.setattr("pronoia.pipeline.bottleneck_fits._LONGEST_FIT_SECONDS", 0.1)
    bench = Bench(Machines()).run().run(NOW + 600).run(NOW + 660).run(NOW + 720)
    assert fits(bench, "timed_out") == 1
    assert caplog.text.count("given up after 0.1 s") == 1
    assert not bench.pool.long_fit.locked()
    assert bench.states()["predict"] == "ok"


def test_only_one_resource_is_fitted_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    fitting(monkeypatch, fit_of(None, "no classifier lost less"))
    bench = Bench(Machines()).run()
    with bench.pool.long_fit:
        bench.run(NOW + 600)
        assert not bench.pool.submitted
    bench.run(NOW + 660).run(NOW + 720)
    assert fits(bench, "rejected") == 1
    assert not bench.pool.long_fit.locked()


def test_too_few_overloads_are_not_fitted_to() -> None:
    bench = Bench(Machines()).run().run(NOW + 600)
    assert fits(bench, "not_possible") == 1
    assert not bench.pool.submitted
