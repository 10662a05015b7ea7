"""One watch's rounds: series and systems are learnt, scored, named, and what goes wrong stays on its own."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from pronoia.config.load import parse
from pronoia.errors import UpstreamTimeout
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.anomaly_cycle import AnomalyCycle
from pronoia.pipeline.anomaly_reader import AnomalyReader
from pronoia.pipeline.anomaly_state import WatchedSubject
from pronoia.pipeline.sibling_scores import SiblingScores
from pronoia.series import History, LabelSet, SeriesFrame, TimeRange
from pronoia.series.timerange import NEVER_MS

NOW = 1_795_602_000.0
STEP = 60
HISTORY = 12 * 3_600
# The newest tenth of what is needed at least is not learnt from.
SCORED = 720
CONFIG = """
presets: []
queries:
  - {name: cpu, expr: cpu_busy}
  - {name: disk, expr: disk_busy}
anomaly:
  history: 12h
  warm_up: 2h
  step: 1m
  false_alarms_per_day: 1
"""
SYSTEM = "  systems: [{name: node, by: [instance], queries: [cpu, disk]}]\n"
SERIES = "  series: [{query: cpu%s}]\n"


def quiet(times: np.ndarray, seed: int = 0) -> np.ndarray:
    """Noise about a half; the same at a time whenever it is asked for."""
    steps = (times // 60_000).astype(np.int64)
    return 0.5 + 0.02 * np.array([np.random.default_rng(int(step) * 7 + seed).normal() for step in steps])


@dataclass
class Machines:
    """An upstream that knows two machines with a sample a minute; one may turn odd."""

    odd: dict[tuple[str, str], float] = field(default_factory=dict)
    odd_since: float = np.inf
    since: float = NOW - HISTORY
    failing: set[str] = field(default_factory=set)
    without: set[str] = field(default_factory=set)

    def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        if expression in self.failing:
            raise UpstreamTimeout("prometheus", "no answer")
        begin = max(time_range.start_ms, self.since * 1_000)
        times = np.arange(-(-begin // 60_000) * 60_000, time_range.end_ms + 1, 60_000).astype(np.int64)
        found = {}
        devices = ("",) if expression == "cpu_busy" else ("sda", "sdb")
        for number, (instance, device) in enumerate((i, d) for i in ("a", "b") for d in devices):
            if instance in self.without:
                continue
            values = quiet(times, number + 10 * len(expression))
            values[times > self.odd_since * 1_000] += self.odd.get((instance, expression + device), 0.0)
            found[LabelSet({"instance": instance, "job": "machines", "device": device})] = (times, values)
        return SeriesFrame.from_series(found)

    def parts(self, expression: str, time_range: TimeRange, step_ms: int):
        yield self.read(expression, time_range, step_ms)


class AtOnce:
    """A pool whose work is done when it is asked for."""

    error: Exception | None = None

    def submit_work(self, work: Any, *args: Any) -> Future:
        future: Future = Future()
        if self.error is not None:
            future.set_exception(self.error)
        else:
            future.set_result(work(*args))
        return future


def cycle_of(
    machines: Machines,
    text: str = SYSTEM,
    pool: AtOnce | None = None,
    telemetry: Telemetry | None = None,
    running: dict[str, Query] | None = None,
):
    """Without queries that run, it reads for itself."""
    (watch,) = parse(CONFIG + text, "t").resolved_watches()
    has_values = running is not None
    watch = replace(watch, queries=tuple(replace(query, has_values=has_values) for query in watch.queries))
    reader = AnomalyReader(watch, (running or {}).get, {"prometheus": machines}, max_series=100)
    return AnomalyCycle(watch, reader, pool=pool or AtOnce(), telemetry=telemetry or Telemetry())


def learnt(machines: Machines, text: str = SYSTEM, **kwargs: Any) -> AnomalyCycle:
    """One that has learnt the history, in a first round, and said something, in a second."""
    cycle = cycle_of(machines, text, **kwargs)
    cycle.run(NOW)
    cycle.run(NOW + 60)
    return cycle


def row(cycle: AnomalyCycle, instance: str) -> int:
    return [labels["instance"] for labels in cycle.risk.labels].index(instance)


def run_until(cycle: AnomalyCycle, end: float, start: float = NOW + 120) -> None:
    for now in np.arange(start, end + 1, 60):
        cycle.run(float(now))


def samples(telemetry: Telemetry, name: str, **labels: str) -> float | None:
    return telemetry.registry.get_sample_value(name, labels)


def test_a_system_is_scored_with_all_its_metrics_and_the_odd_one_is_named():
    machines = Machines({("b", "disk_busysdb"): 0.5}, NOW + 300)
    cycle = learnt(machines)
    assert (cycle.risk.score < 1.0).all()
    run_until(cycle, NOW + 600)
    a, b = row(cycle, "a"), row(cycle, "b")
    assert cycle.risk.score[a] < 1.0 < cycle.risk.score[b]
    assert cycle.risk.direction[b] == 1.0
    cause = cycle.risk.causes(b)[0]
    assert cause.name == 'disk{device="sdb"}'
    assert cause.value > cause.upper
    assert cycle.risk.causes(a) == ()
    assert {metric.name for metric in cycle.risk.metrics[a]} == {"cpu", 'disk{device="sda"}', 'disk{device="sdb"}'}
    assert NOW + 300 < cycle.risk.since_seconds[b] <= NOW + 600
    assert np.isnan(cycle.risk.since_seconds[a])


def test_what_is_expected_is_possible_and_scores_do_not_depend_on_that():
    text = CONFIG.replace("cpu_busy}", "cpu_busy, minimum: 0.49, maximum: 0.51}") + SERIES % ""
    risks = []
    for configuration in (CONFIG + SERIES % "", text):
        (watch,) = parse(configuration, "t").resolved_watches()
        watch = replace(watch, queries=tuple(replace(query, has_values=False) for query in watch.queries))
        reader = AnomalyReader(watch, {}.get, {"prometheus": Machines()}, max_series=100)
        cycle = AnomalyCycle(watch, reader, pool=AtOnce(), telemetry=Telemetry())
        cycle.run(NOW)
        cycle.run(NOW + 60)
        risks.append(cycle.risk)
    (free,), (bound,) = (risk.metrics[0] for risk in risks)
    assert free.lower < 0.49
    assert free.upper > 0.51
    assert (bound.lower, bound.upper) == (0.49, 0.51)
    assert bound.middle == pytest.approx((free.lower + free.upper) / 2)
    assert risks[0].score == pytest.approx(risks[1].score)


def test_series_are_scored_one_by_one():
    cycle = learnt(Machines({("b", "cpu_busy"): 0.5}, NOW + 300), SERIES % "")
    run_until(cycle, NOW + 600)
    assert cycle.risk.kind == "query"
    assert cycle.risk.score[row(cycle, "a")] < 1.0 < cycle.risk.score[row(cycle, "b")]
    assert [metric.name for metric in cycle.risk.metrics[0]] == ["cpu"]


def test_scores_do_not_depend_on_how_often_rounds_are():
    often, seldom = (learnt(Machines({("b", "cpu_busy"): 0.1}, NOW + 300)) for _ in range(2))
    run_until(often, NOW + 600)
    seldom.run(NOW + 600)
    assert often.risk.score == pytest.approx(seldom.risk.score)


@pytest.mark.parametrize(("direction", "is_told"), [("high", True), ("low", False)])
def test_only_the_direction_asked_for_counts(direction, is_told):
    cycle = learnt(Machines({("b", "cpu_busy"): 0.5}, NOW + 300), SERIES % f", direction: {direction}")
    run_until(cycle, NOW + 600)
    assert (cycle.risk.score[row(cycle, "b")] > 1.0) == is_told


def test_deviations_that_are_too_small_do_not_count():
    cycle = learnt(Machines({("b", "cpu_busy"): 0.5}, NOW + 300), SERIES % ", min_absolute: 0.9")
    run_until(cycle, NOW + 600)
    assert (cycle.risk.score < 1.0).all()


def test_what_the_configuration_mutes_is_scored_and_marked():
    cycle = learnt(Machines(), SERIES % """, mute: ['{instance="b"}']""")
    assert {labels["instance"] for labels in cycle.risk.quiet} == {"b"}
    assert np.isfinite(cycle.risk.score[row(cycle, "b")])


def test_nothing_is_said_before_there_is_enough_history():
    telemetry = Telemetry()
    cycle = learnt(Machines(since=NOW - 3_600), telemetry=telemetry)
    assert cycle.risk is None
    assert cycle.outcomes[-1].detail == (
        "nothing can be said of any of 2 systems yet: 2 with less than 2h of history, which it takes to learn what is "
        "usual: 58m more at most"
    )
    assert cycle.due_at_seconds == NOW + 120
    assert samples(telemetry, "pronoia_anomaly_skipped", watch="node", reason="warm_up") == 2


def test_a_query_that_cannot_be_read_costs_only_its_own_metrics(caplog):
    machines = Machines({("b", "cpu_busy"): 0.5}, NOW + 300)
    cycle = learnt(machines)
    machines.failing = {"disk_busy"}
    run_until(cycle, NOW + 600)
    assert cycle.risk.score[row(cycle, "b")] > 1.0
    assert cycle.risk.skipped == {"unread_query": 1}
    assert sum("disk cannot be read" in record.message for record in caplog.records) == 1


def test_metrics_that_come_later_are_learnt_within_the_hour():
    machines = Machines(failing={"disk_busy"})
    cycle = learnt(machines)
    assert [len(metrics) for metrics in cycle.risk.metrics] == [1, 1]
    machines.failing = set()
    run_until(cycle, NOW + 3_480)
    assert [len(metrics) for metrics in cycle.risk.metrics] == [1, 1]
    run_until(cycle, NOW + 3_720, NOW + 3_540)
    assert [len(metrics) for metrics in cycle.risk.metrics] == [3, 3]


@dataclass
class Query:
    """A query that is running, and has been read up to some time."""

    expr: str
    machines: Machines
    history: History = field(default_factory=lambda: History.of(SeriesFrame.empty()))
    read_until_ms: int = NEVER_MS
    outcomes: tuple[str, ...] = ()

    def read(self, now: float) -> None:
        self.read_until_ms, self.outcomes = int(now * 1_000), ("read",)
        window = TimeRange(self.read_until_ms - HISTORY * 1_000, self.read_until_ms)
        self.history = History.of(self.machines.read(self.expr, window, 60_000))


def test_a_step_waits_until_all_its_queries_have_been_read():
    """Both are read each minute, one of them always just after the round: its values are a minute old there."""
    machines = Machines({("b", "disk_busysdb"): 0.5}, NOW + 300)
    queries = {"cpu": Query("cpu_busy", machines), "disk": Query("disk_busy", machines)}
    cycle = cycle_of(machines, running=queries)
    cycle.run(NOW)
    assert cycle.risk is None
    queries["cpu"].read(NOW + 1)
    # What is learnt without the disks would be without them for a day.
    cycle.run(NOW + 2)
    assert cycle.risk is None
    queries["disk"].read(NOW + 30)
    scores = {}
    for now in np.arange(NOW + 61, NOW + 2_300, 60):
        queries["cpu"].read(now - 1)
        cycle.run(float(now))
        queries["disk"].read(now + 1)
        if cycle.risk is not None:
            scores[now] = cycle.risk.score[row(cycle, "b")]
        if now > NOW + 700:
            machines.odd_since = np.inf
    told = [now - NOW for now, score in scores.items() if score > 1.0]
    assert told[0] <= 600
    # A score looks back over twenty steps.
    assert 900 < told[-1] <= 2_040
    assert len(cycle.risk.metrics[0]) == 3


def test_a_query_that_is_read_no_more_keeps_the_others_waiting_two_rounds():
    machines = Machines({("b", "cpu_busy"): 0.5}, NOW + 300)
    queries = {"cpu": Query("cpu_busy", machines), "disk": Query("disk_busy", machines)}
    cycle = cycle_of(machines, running=queries)
    for now in np.arange(NOW, NOW + 601, 60):
        queries["cpu"].read(now)
        if now < NOW + 200:
            queries["disk"].read(now)
        cycle.run(float(now))
    assert cycle.risk.score[row(cycle, "b")] > 1.0


def test_when_no_query_that_runs_is_read_any_more_scores_stop_and_go_on_where_they_were():
    machines = Machines({("b", "cpu_busy"): 0.5}, NOW + 300)
    queries = {"cpu": Query("cpu_busy", machines), "disk": Query("disk_busy", machines)}
    cycle = cycle_of(machines, running=queries)
    for now in np.arange(NOW, NOW + 1_201, 60):
        if not NOW + 200 < now < NOW + 1_200:
            queries["cpu"].read(now)
            queries["disk"].read(now)
        cycle.run(float(now))
        assert all(outcome.state.value != "failed" for outcome in cycle.outcomes)
        if now == NOW + 1_140:
            assert np.isnan(cycle.risk.score).all()
    b = row(cycle, "b")
    assert cycle.risk.score[b] > 1.0
    # The steps of the outage were read afterwards.
    assert cycle.risk.since_seconds[b] < NOW + 600


def test_a_query_that_cannot_be_read_at_first_is_asked_no_more_often_than_any():
    machines = Machines(failing={"cpu_busy", "disk_busy"})
    cycle = cycle_of(machines)
    cycle.run(NOW)
    assert cycle.risk is None
    assert cycle.due_at_seconds == NOW + 60


def test_scores_of_long_steps_stand_until_the_next_step():
    text = CONFIG.replace("step: 1m", "step: 10m").replace("warm_up: 2h", "warm_up: 11h") + SYSTEM
    (watch,) = parse(text, "t").resolved_watches()
    watch = replace(watch, queries=tuple(replace(query, has_values=False) for query in watch.queries))
    reader = AnomalyReader(watch, {}.get, {"prometheus": Machines()}, max_series=100)
    cycle = AnomalyCycle(watch, reader, pool=AtOnce(), telemetry=Telemetry())
    cycle.run(NOW)
    for now in np.arange(NOW + 60, NOW + 1_800, 60):
        cycle.run(float(now))
        assert np.isfinite(cycle.risk.score).all()


def test_when_nothing_can_be_read_the_last_scores_stay_until_they_are_too_old():
    machines, telemetry = Machines(), Telemetry()
    cycle = learnt(machines, telemetry=telemetry)
    machines.failing = {"cpu_busy", "disk_busy"}
    run_until(cycle, NOW + 300)
    assert cycle.risk is not None
    assert cycle.outcomes[0].state.value == "failed"
    assert samples(telemetry, "pronoia_anomaly_subjects", watch="node") == 2
    run_until(cycle, NOW + 900, NOW + 360)
    assert cycle.risk is None
    assert samples(telemetry, "pronoia_anomaly_subjects", watch="node") == 0


def test_who_is_gone_has_no_score_and_comes_back():
    machines = Machines()
    cycle = learnt(machines)
    machines.without = {"b"}
    run_until(cycle, NOW + 600)
    assert np.isnan(cycle.risk.score[row(cycle, "b")])
    assert np.isfinite(cycle.risk.score[row(cycle, "a")])
    machines.without = set()
    run_until(cycle, NOW + 720, NOW + 660)
    assert np.isfinite(cycle.risk.score).all()


def test_it_looks_again_soon_while_its_queries_have_not_been_read():
    machines = Machines()
    queries = {"cpu": Query("cpu_busy", machines), "disk": Query("disk_busy", machines)}
    cycle = cycle_of(machines, running=queries)
    cycle.run(NOW)
    assert cycle.due_at_seconds == NOW + 2
    assert cycle.outcomes[0].state.value == "no_data"


def test_it_does_not_look_again_sooner_where_there_is_nothing():
    cycle = cycle_of(Machines(without={"a", "b"}))
    cycle.run(NOW)
    assert cycle.due_at_seconds == NOW + 60
    assert cycle.outcomes[0].state.value == "no_data"


def test_what_was_known_before_a_reload_stays_while_it_is_learnt_anew():
    cycle = cycle_of(Machines())
    before = cycle.risk = learnt(Machines()).risk
    cycle.run(NOW + 60)
    assert cycle.risk is before


def test_a_fit_that_fails_is_counted_and_others_go_on(caplog):
    telemetry, pool = Telemetry(), AtOnce()
    pool.error = MemoryError("worker")
    cycle = learnt(Machines(), telemetry=telemetry, pool=pool)
    assert cycle.risk is None
    assert samples(telemetry, "pronoia_anomaly_fits_total", watch="node", outcome="failed") == 2
    assert any("fit of 2 subjects failed" in record.message for record in caplog.records)


def test_what_never_moves_is_counted_and_not_scored():
    class Still(Machines):
        def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
            frame = super().read(expression, time_range, step_ms)
            return SeriesFrame(frame.labels, frame.timestamps_ms, np.ones(frame.n_samples), frame.indptr)

    telemetry = Telemetry()
    assert learnt(Still(), telemetry=telemetry).risk is None
    assert samples(telemetry, "pronoia_anomaly_skipped", watch="node", reason="not_learnable") == 2


def test_one_that_cannot_be_scored_costs_no_other_its_score(monkeypatch, caplog):
    cycle = learnt(Machines())
    advanced = WatchedSubject.advanced

    def failing(self, values, step_ms, direction):
        if self is cycle._fits.watched[LabelSet({"instance": "b"})]:
            raise ValueError("nonsense")
        return advanced(self, values, step_ms, direction)

    monkeypatch.setattr(WatchedSubject, "advanced", failing)
    caplog.set_level("INFO")
    cycle.run(NOW + 120)
    assert [labels["instance"] for labels in cycle.risk.labels] == ["a"]
    assert cycle.risk.skipped == {"not_learnable": 1}
    assert any("cannot be scored: nonsense" in record.message for record in caplog.records)


def test_episodes_and_time_are_counted():
    telemetry = Telemetry()
    cycle = learnt(Machines({("b", "cpu_busy"): 0.5}, NOW + 300), telemetry=telemetry)
    run_until(cycle, NOW + 600)
    assert samples(telemetry, "pronoia_anomaly_episodes_total", watch="node") == 1
    assert samples(telemetry, "pronoia_anomaly_scored_seconds_total", watch="node") == 2 * (SCORED + 600)
    assert samples(telemetry, "pronoia_anomaly_subjects", watch="node") == 2


def test_what_is_usual_is_learnt_anew_when_it_is_due():
    machines = Machines({("b", "cpu_busy"): 0.5}, NOW + 300)
    cycle = cycle_of(machines, "  fit_every: 10m\n" + SYSTEM)
    run_until(cycle, NOW + 900, NOW)
    assert (cycle.risk.fitted_at_seconds == NOW + 600 - SCORED).all()


def test_a_clock_that_is_set_back_starts_anew():
    cycle = learnt(Machines(since=NOW - 10 * HISTORY))
    cycle.run(NOW - 7_200)
    cycle.run(NOW - 7_140)
    assert (cycle.risk.fitted_at_seconds == NOW - 7_200 - SCORED).all()


def test_what_was_odd_in_a_future_that_has_not_come_is_forgotten():
    machines = Machines({("b", "cpu_busy"): 0.5}, NOW + 300, since=NOW - 10 * HISTORY)
    cycle = learnt(machines)
    run_until(cycle, NOW + 600)
    assert cycle.risk.score[row(cycle, "b")] > 1.0
    machines.odd_since = NOW - 7_000
    run_until(cycle, NOW - 6_600, NOW - 7_200)
    b = row(cycle, "b")
    assert cycle.risk.score[b] > 1.0
    assert NOW - 7_000 < cycle.risk.since_seconds[b] <= NOW - 6_600


@pytest.mark.parametrize("text", [SYSTEM, SERIES % ", siblings: [job]"])
def test_a_fit_that_was_lost_is_tried_again_soon_and_once(text):
    pool = AtOnce()
    pool.error = MemoryError("worker")
    telemetry = Telemetry()
    cycle = cycle_of(Siblings(), text, pool, telemetry)
    failed = []
    for minutes in (0, 1, 11, 12, 30, 60):
        cycle.run(NOW + 60 * minutes)
        failed.append(samples(telemetry, "pronoia_anomaly_fits_total", watch=cycle.watch.name, outcome="failed"))
    assert failed[1] > 0
    assert failed[2:] == [failed[1], 2 * failed[1], 2 * failed[1], 2 * failed[1]]
    pool.error = None
    cycle.run(NOW + 90_000)
    cycle.run(NOW + 90_060)
    assert np.isfinite(cycle.risk.score).any()


def test_a_group_of_siblings_that_comes_back_is_learnt_at_once():
    (watch,) = parse(CONFIG + SERIES % ", siblings: [job]", "t").resolved_watches()
    siblings = SiblingScores(watch, AtOnce(), Telemetry(), lambda: None)
    until = TimeRange(int(NOW - HISTORY) * 1_000, int(NOW) * 1_000)
    there = History.of(Siblings().read("cpu_busy", until, 60_000))
    web = LabelSet({"instance": "a", "job": "web"})
    for history in (there, there, History.of(SeriesFrame.empty()), there, there):
        siblings.advance(history, int(NOW) * 1_000)
    assert np.isfinite(siblings.score(web, int(NOW) * 1_000))


def sharing(times: np.ndarray) -> np.ndarray:
    """What all siblings do together: a load that changes every ten minutes."""
    return np.array([np.random.default_rng(int(step) // 10).normal(5.0, 0.5) for step in times // 60_000])


@dataclass
class Siblings(Machines):
    """Six instances of a job that share a load; one of another job."""

    common: float = 0.0

    def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        begin = max(time_range.start_ms, self.since * 1_000)
        times = np.arange(-(-begin // 60_000) * 60_000, time_range.end_ms + 1, 60_000).astype(np.int64)
        found = {}
        for number, instance in enumerate("abcdefg"):
            values = sharing(times) + quiet(times, number)
            later = times > self.odd_since * 1_000
            values[later] += self.odd.get((instance, expression), 0.0) + self.common
            found[LabelSet({"instance": instance, "job": "db" if instance == "g" else "web"})] = (times, values)
        return SeriesFrame.from_series(found)


def test_an_instance_that_differs_from_its_siblings_is_told():
    cycle = learnt(Siblings({("c", "cpu_busy"): 2.0}, NOW + 300), SERIES % ", siblings: [job]")
    assert (cycle.risk.peer_score[:6] < 1.0).all()
    run_until(cycle, NOW + 900)
    assert cycle.risk.peer_score[row(cycle, "c")] > 1.0
    others = [row(cycle, each) for each in "abdef"]
    assert (cycle.risk.peer_score[others] < 1.0).all()
    assert np.isnan(cycle.risk.peer_score[row(cycle, "g")])


def test_what_all_siblings_do_together_is_none_of_theirs():
    cycle = learnt(Siblings(odd_since=NOW + 300, common=3.0), SERIES % ", siblings: [job]")
    run_until(cycle, NOW + 900)
    assert (cycle.risk.peer_score[:6] < 1.0).all()
    assert (cycle.risk.score > 1.0).all()


def test_what_is_wrong_when_it_starts_is_told_at_once_and_not_learnt():
    cycle = cycle_of(Machines({("b", "cpu_busy"): 0.5}, NOW - 300))
    cycle.run(NOW)
    cycle.run(NOW)
    assert cycle.risk.score[row(cycle, "b")] > 1.0
    assert cycle.risk.since_seconds[row(cycle, "b")] == pytest.approx(NOW - 240, abs=60)


def test_another_rule_holds_on_holidays():
    pytest.importorskip("holidays")
    # NOW is in the morning of Independence Day of Suriname.
    text = (
        "forecast: {holidays: [SR], timezone: America/Paramaribo}\n" + CONFIG + SERIES % ", direction_on_holidays: none"
    )
    (watch,) = parse(text, "t").resolved_watches()
    machines = Machines({("b", "cpu_busy"): 0.5}, NOW + 300)
    reader = AnomalyReader(watch, lambda _: None, {"prometheus": machines}, max_series=100)
    cycle = AnomalyCycle(watch, reader, pool=AtOnce(), telemetry=Telemetry())
    cycle.run(NOW)
    run_until(cycle, NOW + 600)
    assert (cycle.risk.score == 0.0).all()
