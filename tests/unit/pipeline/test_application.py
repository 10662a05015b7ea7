"""A reload changes what changed and leaves the rest running."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.config.load import parse
from pronoia.errors import ConfigError, ConfigProblem
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.anomaly_cycle import AnomalyCycle
from pronoia.pipeline.application import Application
from pronoia.pipeline.failure_cycle import FailureCycle
from pronoia.predictions.forecast import Forecast, QueryForecast
from pronoia.series import Grid, History, LabelSet, SeriesFrame
from support.risks import anomaly_watch, bottleneck_risk, failure_risk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEFORE = """
upstreams: [{name: main, url: http://localhost:1}, {name: other, url: http://localhost:2}]
queries:
  - {name: load, expr: node_load1}
  - {name: queue, expr: queue_depth, upstream: other}
  - {name: gone, expr: node_load5}
"""

NOW = 1_795_000_000.0
VALUE = np.ones((1, 1))
FORECAST = QueryForecast(
    "load",
    "node_load1",
    "",
    NOW,
    Forecast((LabelSet({"instance": "a"}),), Grid(0, 1000, 1), VALUE, VALUE, VALUE, 0.95, ("naive",)),
    np.ones(1),
    (900,),
    600.0,
)


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    application = Application(parse(BEFORE, "before"), Telemetry(), tmp_path, clock=lambda: NOW)
    with application:
        yield application


def test_unchanged_queries_go_on_changed_ones_start_anew_and_vanished_ones_end(application: Application) -> None:
    before = {cycle.name: cycle for cycle in application.cycles}
    after_text = BEFORE.replace("node_load1", "node_load15").replace("- {name: gone", "- {name: new")
    application.apply(parse(after_text, "after"))
    after = {cycle.name: cycle for cycle in application.cycles}
    assert list(after) == ["load", "queue", "new"]
    assert after["queue"] is before["queue"]
    assert after["load"] is not before["load"]


def test_a_changed_upstream_restarts_its_queries_alone(application: Application) -> None:
    before = {cycle.name: cycle for cycle in application.cycles}
    application.apply(parse(BEFORE.replace("localhost:2", "localhost:3"), "after"))
    after = {cycle.name: cycle for cycle in application.cycles}
    assert after["load"] is before["load"]
    assert after["queue"] is not before["queue"]


def test_a_changed_limit_on_series_reaches_the_queries(application: Application) -> None:
    application.apply(parse(f"{BEFORE}limits: {{max_series_per_query: 7}}\n", "after"))
    assert {cycle.max_series for cycle in application.cycles} == {7}


def test_a_forecast_stays_on_show_while_its_query_is_changed_in_what_does_not_shape_it(
    application: Application,
) -> None:
    before = {cycle.name: cycle for cycle in application.cycles}
    for cycle in before.values():
        cycle.forecast = FORECAST
    after_text = BEFORE.replace("expr: node_load1}", "expr: node_load1, thresholds: [4]}").replace(
        "queue_depth", "depth"
    )
    application.apply(parse(after_text, "after"))
    after = {cycle.name: cycle for cycle in application.cycles}
    assert after["load"] is not before["load"]
    assert after["load"].forecast is FORECAST
    assert after["queue"].forecast is None, "another expression, another forecast"


def test_a_reload_that_fails_leaves_everything_running(application: Application, monkeypatch) -> None:
    before, upstreams = application.cycles, dict(application._upstreams)

    def refuse(*_: object) -> None:
        raise ConfigError([ConfigProblem("upstreams[0]", "cannot be used")])

    monkeypatch.setattr("pronoia.pipeline.application.Upstream", refuse)
    with pytest.raises(ConfigError):
        application.apply(parse(BEFORE.replace("localhost", "elsewhere"), "after"))
    assert application.cycles == before
    assert application._upstreams == upstreams


def test_a_query_that_vanished_leaves_no_metrics_behind(tmp_path: Path) -> None:
    telemetry = Telemetry()
    application = Application(parse(BEFORE, "before"), telemetry, tmp_path)
    gone = next(cycle for cycle in application.cycles if cycle.name == "gone")
    gone.run(NOW)
    application.apply(parse(BEFORE.replace("name: gone", "name: new"), "after"))
    telemetry.on_round_skipped("gone")  # a late word of a round that was still running
    application._publish(NOW)
    text = "".join(str(metric.samples) for metric in telemetry.registry.collect())
    assert "'new'" in text
    assert "'gone'" not in text


WATCHED = """
upstreams: [{name: main, url: http://localhost:1}]
queries:
  - {name: load, expr: node_load1, entity: [instance]}
bottleneck:
  resources: [{name: cpu, query: load}, {name: pool, expr: pool_used}]
"""


def test_resources_that_did_not_change_go_on_and_vanished_ones_end(tmp_path: Path) -> None:
    telemetry = Telemetry()
    with Application(parse(WATCHED, "before"), telemetry, tmp_path, clock=lambda: NOW) as application:
        before = {cycle.resource.name: cycle for cycle in application.bottlenecks}
        before["cpu"].risk = bottleneck_risk(NOW)
        text = WATCHED.replace("query: load}", "query: load, hold: 10m}").replace("name: pool", "name: cells")
        application.apply(parse(text, "after"))
        after = {cycle.resource.name: cycle for cycle in application.bottlenecks}
        assert list(after) == ["cpu", "cells"]
        assert after["cpu"] is not before["cpu"]
        assert after["cpu"].risk is before["cpu"].risk, "the same values: what is known stays on show"
        application.apply(parse(text, "again"))
        assert {cycle.resource.name: cycle for cycle in application.bottlenecks} == after
    value = telemetry.registry.get_sample_value
    assert value("pronoia_bottleneck_model_info", {"resource": "cpu", "source": "prior", "neural": "false"}) == 1
    assert value("pronoia_bottleneck_model_info", {"resource": "pool", "source": "prior", "neural": "false"}) is None
    assert value("pronoia_bottleneck_alert_threshold_ratio", {"level": "critical"}) == 0.8


def test_a_model_that_cannot_be_used_leaves_everything_running(tmp_path: Path) -> None:
    (tmp_path / "wrong.bin").write_bytes(b"PK")
    with Application(parse(WATCHED, "before"), Telemetry(), tmp_path / "state") as application:
        before = application.bottlenecks, application.cycles
        with pytest.raises(ConfigError, match=r"bottleneck.model.*wrong.bin cannot be used: does not begin"):
            application.apply(parse(f"{WATCHED}  model: wrong.bin\n", "after", directory=tmp_path))
        assert (application.bottlenecks, application.cycles) == before


def test_watches_that_did_not_change_go_on_and_what_is_known_stays_on_show(tmp_path: Path) -> None:
    watched = "anomaly: {series: [{query: load}, {query: queue}, {query: gone}]}\n"
    application = Application(parse(BEFORE + watched, "before"), Telemetry(), tmp_path, clock=lambda: NOW)
    with application:
        before = {cycle.watch.name: cycle for cycle in application.anomalies}
        before["load"].risk = anomaly_watch(NOW)
        after_text = watched.replace("{query: load}", "{query: load, direction: high}").replace(", {query: gone}", "")
        application.apply(parse(BEFORE + after_text, "after"))
        after = {cycle.watch.name: cycle for cycle in application.anomalies}
        assert list(after) == ["load", "queue"]
        assert after["queue"] is before["queue"]
        assert after["load"] is not before["load"]
        assert after["load"].risk is before["load"].risk
        application.apply(parse(f"{BEFORE}{after_text}limits: {{max_series_per_query: 7}}\n", "fewer"))
        assert {cycle.max_series for cycle in application.anomalies} == {7}


def test_two_failures_are_published_with_that_any_of_them_happens(application: Application) -> None:
    text = BEFORE + "failure: {signals: [{name: a, failure: oom, expr: a}, {name: b, failure: disk_full, expr: b}]}\n"
    application.apply(parse(text, "after"))
    for cycle in application.failures:
        cycle.risk = failure_risk(NOW, cycle.failure.name)
    application._publish(NOW)
    assert [risk.failure for risk in application.holder.snapshot(NOW).failures] == ["oom", "disk_full", "any"]
    # One that is too old is no part of it.
    application.failures[0].risk = failure_risk(NOW - 3_600.0)
    application._publish(NOW)
    assert [risk.failure for risk in application.holder.snapshot(NOW).failures] == ["disk_full"]


def test_a_failure_that_did_not_change_goes_on(application: Application) -> None:
    section = "failure: {signals: [{name: a, failure: oom, expr: a}], conditions: [{failure: own, expr: up == 0}]}\n"
    application.apply(parse(BEFORE + section, "after"))
    oom, own = application.failures
    application.apply(parse(BEFORE + section.replace("up == 0", "up == 1"), "again"))
    after = application.failures
    assert after[0] is oom
    assert after[1] is not own


def test_a_failure_that_goes_on_takes_the_history_of_the_query_that_runs_now(application: Application) -> None:
    section = "failure: {signals: [{name: load, failure: overload, query: load, limit: 8}]}\n"
    application.apply(parse(BEFORE + section, "after"))
    before = application.failures
    application.apply(parse(BEFORE.replace("node_load1}", "node_load1, thresholds: [7]}") + section, "again"))
    assert application.failures == before
    query = next(cycle for cycle in application.cycles if cycle.name == "load")
    query._reader._history = History.of(
        SeriesFrame.from_series({LabelSet({"instance": "a"}): (np.array([1_000]), np.ones(1))})
    )
    (failing,) = application.failures
    assert failing._reader.read(1_000).histories[0] is query.history


def test_while_a_reload_is_under_way_pages_show_all_failures_and_watches(application: Application, monkeypatch) -> None:
    text = """
failure:
  signals: [{name: a, failure: a, query: load, limit: 8}, {name: b, failure: b, query: load, limit: %s}]
anomaly: {series: [{query: load}, {query: queue, direction: %s}]}
"""
    application.apply(parse(BEFORE + text % ("8", "high"), "after"))
    seen = []

    def told(kind):
        def made(*args, **kwargs):
            seen.append((len(application.failures), len(application.anomalies)))
            return kind(*args, **kwargs)

        return made

    for kind in (AnomalyCycle, FailureCycle):
        monkeypatch.setattr(f"pronoia.pipeline.application.{kind.__name__}", told(kind))
    application.apply(parse(BEFORE + text % ("9", "low"), "again"))
    assert seen == [(2, 2), (2, 2)]


def test_a_changed_limit_on_series_reaches_failures_and_alerts(application: Application) -> None:
    section = "failure: {signals: [{name: a, failure: a, query: load, limit: 8}], learnt_alerts: {enabled: true}}\n"
    application.apply(parse(BEFORE + section, "after"))
    application.apply(parse(f"{BEFORE}{section}limits: {{max_series_per_query: 7}}\n", "fewer"))
    assert {each.max_series for each in (*application.failures, *application.alerts)} == {7}
