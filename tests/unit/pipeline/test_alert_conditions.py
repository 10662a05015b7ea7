"""Conditions looked up in a snapshot hold where the rendered rules would fire, under the same labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pronoia.alerting.plan import AlertPlan, PlannedRule, PlannedThreshold
from pronoia.pipeline.alert_conditions import candidates, known_sources
from pronoia.predictions.forecast import Forecast, QueryForecast, ThresholdCrossing
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import Grid, LabelSet
from support.risks import anomaly_watch, bottleneck_risk, failure_risk

NOW = 1_700_000_000.0


def rule(threshold: float, operator: str = ">", horizon: str = "30m") -> PlannedRule:
    return PlannedRule(
        "cpu",
        "bottleneck_probability",
        operator,
        threshold,
        (),
        "immediate",
        "critical",
        horizon,
        actual=("Bottleneck",),
    )


def found(planned: PlannedRule, **snapshot: object):
    risk = bottleneck_risk(NOW)
    risk = bottleneck_risk(NOW, lower=0.9 * risk.probability)
    return list(candidates(AlertPlan("t", (planned,)), Snapshot(NOW, bottlenecks=(risk,), **snapshot)))


def test_a_condition_holds_for_what_is_likely_and_not_so_yet() -> None:
    (told,) = found(rule(0.6))
    assert told.labels == LabelSet(
        {
            "alertname": "CpuPredicted",
            "severity": "critical",
            "predictive": "true",
            "pronoia_rule": "cpu",
            "instance": "a",
            "resource": "cpu",
            "horizon": "30m",
            "target": "state",
        }
    )
    assert told.annotations["description"] == "cpu of a: bottleneck_probability within 30m is 0.7."
    assert (told.annotations["actual"], told.annotations["probability"]) == ("Bottleneck", "0.7")
    assert told.is_true


@pytest.mark.parametrize("planned", [rule(0.7), rule(0.6, horizon="2h"), rule(0.01, "<")])
def test_it_does_not_hold_elsewhere(planned: PlannedRule) -> None:
    assert found(planned) == []


def test_doubt_keeps_quiet() -> None:
    snapshot = Snapshot(NOW, bottlenecks=(bottleneck_risk(NOW),))
    assert list(candidates(AlertPlan("t", (rule(0.6),)), snapshot)) == []


def test_what_is_muted_does_not_hold() -> None:
    (told,) = found(rule(0.6), muted={"bottleneck:cpu": frozenset({LabelSet({"instance": "a"})})})
    assert not told.is_true


@pytest.mark.parametrize(
    ("precision", "severity"), [({}, "info"), ({"CpuPredicted": 0.59}, "info"), ({"CpuPredicted": 0.6}, "critical")]
)
def test_what_has_yet_to_show_that_it_is_right_is_a_ticket(precision: dict[str, float], severity: str) -> None:
    risk = bottleneck_risk(NOW)
    risk = bottleneck_risk(NOW, lower=0.9 * risk.probability)
    plan = AlertPlan("t", (replace(rule(0.6), precision_floor=0.6),))
    (told,) = candidates(plan, Snapshot(NOW, bottlenecks=(risk,)), precision)
    assert told.labels["severity"] == severity


def test_thresholds_are_foretold_by_the_farther_bound_and_told_when_crossed() -> None:
    labels = tuple(LabelSet({"queue": name}) for name in ("soon", "later", "there"))
    grid = Grid(int(NOW * 1000) + 300_000, 300_000, 2)
    point = np.ones((3, 2))
    crossings = tuple(
        ThresholdCrossing(each, 100.0, eta, eta, upper)
        for each, eta, upper in zip(labels, (600.0, 600.0, 0.0), (900.0, 90_000.0, 0.0), strict=True)
    )
    forecast = Forecast(labels, grid, point, point, point, 0.95, ("naive",) * 3)
    query = QueryForecast("depth", "x", "", NOW, forecast, point[:, 0].copy(), (900,), 600.0, crossings)
    snapshot = Snapshot(NOW, (query,))
    plan = AlertPlan(
        "t", thresholds=(PlannedThreshold("depth", "100", 14_400, "warning", 600, "https://wiki.example"),)
    )
    assert {each.annotations["runbook_url"] for each in candidates(plan, snapshot)} == {
        "https://wiki.example/forecast.md"
    }
    told = {each.labels["queue"]: each.labels for each in candidates(plan, snapshot)}
    assert told.keys() == {"soon", "there"}
    assert (told["soon"]["alertname"], told["soon"]["predictive"]) == ("DepthPredicted", "true")
    assert told["there"]["alertname"] == "Depth"
    assert "predictive" not in told["there"]
    assert known_sources(snapshot) == {"query:depth"}


def test_runbooks_are_where_the_plan_has_them() -> None:
    (told,) = found(replace(rule(0.6), runbooks="https://wiki.example/runbooks"))
    assert told.annotations["runbook_url"] == "https://wiki.example/runbooks/bottleneck.md"


def failures(planned: PlannedRule, **snapshot: object):
    risk = failure_risk(NOW)
    risks = tuple(replace(risk, failure=name, lower=0.9 * risk.probability) for name in ("oom", "any"))
    return list(candidates(AlertPlan("t", (planned,)), Snapshot(NOW, failures=risks, **snapshot)))


OOM = PlannedRule("leak", "failure_probability", ">", 0.6, (), "immediate", "warning", "15m", actual=("OutOfMemory",))


def test_a_failure_that_is_likely_is_told_under_its_own_name_and_any_is_none_besides() -> None:
    (told,) = failures(OOM)
    assert told.labels == LabelSet(
        {
            "alertname": "LeakPredicted",
            "severity": "warning",
            "predictive": "true",
            "pronoia_rule": "leak",
            "instance": "a",
            "failure": "oom",
            "horizon": "15m",
        }
    )
    assert told.annotations["description"] == "oom of a: failure_probability within 15m is 0.7."
    assert told.annotations["runbook_url"] == "rules/runbooks/failure.md"
    assert (told.annotations["probability"], told.annotations["actual"]) == ("0.7", "OutOfMemory")
    assert told.source == "failure:oom"


def test_a_failure_that_happens_or_is_muted_or_in_doubt_is_not_foretold() -> None:
    risk = replace(failure_risk(NOW), lower=0.9 * failure_risk(NOW).probability)
    happening = Snapshot(NOW, failures=(replace(risk, happening=frozenset({0})),))
    assert list(candidates(AlertPlan("t", (OOM,)), happening)) == []
    assert list(candidates(AlertPlan("t", (OOM,)), Snapshot(NOW, failures=(failure_risk(NOW),)))) == []
    (told,) = failures(OOM, muted={"failure:oom": frozenset({LabelSet({"instance": "a"})})})
    assert not told.is_true


ODD = PlannedRule("odd", "anomaly_score", ">", 1.0, (), "immediate", "warning")


def test_what_is_unusual_is_told_and_is_no_prediction() -> None:
    snapshot = Snapshot(NOW, anomalies=(anomaly_watch(NOW),))
    (told,) = candidates(AlertPlan("t", (ODD,)), snapshot)
    assert told.labels == LabelSet(
        {
            "alertname": "Odd",
            "severity": "warning",
            "stem": "anomaly",
            "pronoia_rule": "odd",
            "instance": "b",
            "system": "node",
        }
    )
    assert told.annotations["description"] == "node of b: anomaly_score is 2.5."
    # 2.5 is no probability, and nothing comes true.
    assert told.annotations["score"] == "2.5"
    assert told.annotations.keys().isdisjoint({"probability", "actual"})
    assert known_sources(snapshot) == {"anomaly:node"}


def test_what_is_unusual_and_muted_by_the_configuration_is_quiet() -> None:
    watch = anomaly_watch(NOW, quiet=frozenset({LabelSet({"instance": "b"})}))
    (told,) = candidates(AlertPlan("t", (ODD,)), Snapshot(NOW, anomalies=(watch,)))
    assert not told.is_true
