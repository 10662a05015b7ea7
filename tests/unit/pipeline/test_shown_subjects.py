"""Alerts find the series that they speak of, and the evidence for them."""

from __future__ import annotations

import numpy as np
import pytest

from pronoia.exposition.predictions import PredictionRenderer
from pronoia.pipeline.alert_evidence import evidence_of
from pronoia.pipeline.shown_subjects import shown_subjects
from pronoia.predictions.forecast import Forecast, QueryForecast
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import Grid, LabelSet
from support.risks import anomaly_watch, bottleneck_risk, failure_risk

NOW = 1_700_000_000.0
A, B = (LabelSet({"instance": name}) for name in "ab")


def snapshot() -> Snapshot:
    grid = Grid(int(NOW * 1000) + 300_000, 300_000, 12)
    point = np.ones((2, 12))
    forecast = Forecast((A, B), grid, point, point - 1, point + 1, 0.95, ("theta",) * 2)
    query = QueryForecast("disk", "disk", "", NOW, forecast, np.ones(2), (900,), 600.0)
    watches = anomaly_watch(NOW), anomaly_watch(NOW, kind="query", name="disk")
    return Snapshot(NOW, (query,), (), (bottleneck_risk(NOW),), (failure_risk(),), anomalies=watches)


def subject(**labels: str) -> LabelSet:
    return LabelSet({"alertname": "X", "severity": "warning", **labels})


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ({"instance": "a", "query": "disk"}, ["disk"]),
        ({"instance": "b", "resource": "cpu"}, ["bottleneck:cpu"]),
        ({"instance": "a", "failure": "oom", "cluster": "added"}, ["failure:oom"]),
        ({"instance": "b", "system": "node", "stem": "anomaly"}, ["anomaly:node"]),
        ({"instance": "b", "query": "disk", "stem": "anomaly"}, ["anomaly:disk"]),
        ({"instance": "a", "failure": "disk_full"}, []),
        ({"instance": "c", "resource": "cpu"}, []),
        ({"instance": "a"}, []),
    ],
)
def test_an_alert_is_of_one_series_of_what_it_names(labels: dict[str, str], names: list[str]) -> None:
    alert = subject(**labels)
    found = [each.name for each in shown_subjects(snapshot()) for source in each.labels if each.is_of(alert, source)]
    assert found == names


def test_evidence_of_a_failure_is_its_probability_its_time_and_its_causes() -> None:
    evidence = evidence_of(snapshot(), subject(instance="a", failure="oom", horizon="15m"))
    assert (evidence.probability, evidence.eta_seconds, evidence.causes) == (0.7, 1200.0, ("headroom_used_up",))
    other = evidence_of(snapshot(), subject(instance="b", failure="oom", horizon="1d"))
    assert (other.probability, other.eta_seconds, other.causes) == (None, None, ())
    assert evidence_of(snapshot(), subject(instance="a", query="disk")) is None


def test_evidence_of_an_overload_names_its_causes_in_words() -> None:
    evidence = evidence_of(snapshot(), subject(instance="a", resource="cpu", horizon="30m"))
    assert (evidence.probability, evidence.eta_seconds) == (0.7, 1200.0)
    # What speaks against it is no cause.
    assert evidence.causes == ("the load 5 minutes ago",)


def test_evidence_of_an_anomaly_is_what_contributes_most() -> None:
    evidence = evidence_of(snapshot(), subject(instance="b", system="node", stem="anomaly"))
    assert (evidence.probability, evidence.eta_seconds, evidence.causes) == (None, None, ('disk{device="sda"}',))


def test_what_is_muted_says_so_on_the_page() -> None:
    muted = {"failure:oom": frozenset({A}), "disk": frozenset({B})}
    shown = Snapshot(NOW, snapshot().forecasts, (), (), snapshot().failures, muted=muted)
    page = PredictionRenderer(10_000, lambda _: None).render(shown, NOW).text.decode()
    assert 'pronoia_failure_muted{failure="oom",instance="a"} 1\n' in page
    assert 'pronoia_forecast_muted{query="disk",instance="b"} 1\n' in page
    assert page.count("_muted{") == 2
