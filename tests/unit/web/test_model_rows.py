"""The status page's models, and how right they have been."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pronoia.exposition.telemetry import Telemetry
from pronoia.predictions.bottleneck import RiskModel, RiskScore
from pronoia.predictions.snapshot import Snapshot
from pronoia.web.model_rows import NOT_KNOWN, AlertRow, AnomalyRow, FailureRow, ModelRows, model_rows
from support.risks import anomaly_watch, bottleneck_risk, failure_risk

from .conftest import NOW, query_forecast

if TYPE_CHECKING:
    from .conftest import Exporter

SNAPSHOT = Snapshot(
    NOW,
    (query_forecast(),),
    (),
    (bottleneck_risk(), bottleneck_risk(resource="memory", model=RiskModel("local", NOW, 40, has_neural=True))),
    (failure_risk(), failure_risk(failure="any")),
    anomalies=(anomaly_watch(NOW),),
)


@pytest.fixture
def telemetry() -> Telemetry:
    telemetry = Telemetry()
    telemetry.keep_queries(["cpu"], ["cpu", "memory"])
    return telemetry


def test_it_is_told_who_speaks_and_that_nothing_has_come_due(telemetry: Telemetry) -> None:
    rows = model_rows(SNAPSHOT, telemetry)
    (forecast,) = rows.forecasts
    assert (forecast.query, forecast.models, forecast.weights) == ("cpu", "naive 2", "analogs 75%, persistence 25%")
    assert (forecast.coverage, forecast.error, forecast.n_due) == (NOT_KNOWN, NOT_KNOWN, 0)
    prior, local = rows.overloads
    assert (prior.resource, prior.model, prior.n_systems) == ("cpu", "prior", 2)
    assert (local.resource, local.model) == ("memory", "local of 40 overloads, with a network")
    assert {prior.skill, prior.precision, prior.recall, prior.lead} == {NOT_KNOWN}
    assert rows.failures == (FailureRow("oom", "trend", 2, 0),)
    assert rows.alerts == ()


def test_a_forecasts_coverage_is_that_of_its_own_level_at_its_horizons(telemetry: Telemetry) -> None:
    coverage = {0.5: {"1h": 0.4}, 0.95: {"4h": 0.9, "15m": 0.961, "2m": 0.1}}
    telemetry.on_quality("cpu", level=0.95, coverage=coverage, mase=0.816, n_matured=864)
    telemetry.on_quality("other", level=0.95, coverage={0.95: {"1h": 0.2}}, mase=2.0, n_matured=1)
    (forecast,) = model_rows(SNAPSHOT, telemetry).forecasts
    assert forecast.coverage == "96% at 15m, 90% at 4h; meant to be 95%"
    assert (forecast.error, forecast.n_due) == ("0.82", 864)


def test_probabilities_of_overloads_are_judged_by_the_state_within_each_horizon(telemetry: Telemetry) -> None:
    nan = float("nan")
    scores = {
        ("15m", "state"): RiskScore(brier=0.02, skill=0.614, precision=0.8, recall=0.5),
        ("30m", "state"): RiskScore(brier=0.03, skill=-0.1, precision=nan, recall=nan),
        ("15m", "onset"): RiskScore(brier=0.5, skill=0.1, precision=0.1, recall=0.1),
    }
    telemetry.on_bottleneck_quality(
        "cpu", scores, n_matured=96, n_corrected=0, leads_seconds=[1200.0], mean_lead_seconds=1200.0
    )
    judged, other = model_rows(SNAPSHOT, telemetry).overloads
    assert (judged.skill, judged.precision, judged.recall) == ("0.61 at 15m, -0.10 at 30m", "80% at 15m", "50% at 15m")
    assert (judged.lead, judged.n_due) == ("20m", 96)
    assert other.skill == NOT_KNOWN


def test_anomalies_are_told_by_how_often_they_are_once_a_day_has_been_scored(telemetry: Telemetry) -> None:
    meant = "at most 0.1 are meant to be false"
    telemetry.on_anomalies(anomaly_watch(NOW), n_episodes=1, scored_seconds=80_000.0)
    assert model_rows(SNAPSHOT, telemetry).anomalies == (AnomalyRow("node", "ensemble", 3, f"{NOT_KNOWN}; {meant}"),)
    telemetry.on_anomalies(anomaly_watch(NOW), n_episodes=1, scored_seconds=92_800.0)
    (row,) = model_rows(SNAPSHOT, telemetry).anomalies
    assert row.episodes == f"1 of each; {meant}"


def test_alerts_are_told_by_the_share_that_was_right(telemetry: Telemetry) -> None:
    told = {"OomPredicted": (4, 0.75, 900.0), "DiskFullPredicted": (0, float("nan"), float("nan"))}
    telemetry.on_incidents(n_muted=0, quality=told)
    assert model_rows(SNAPSHOT, telemetry).alerts == (
        AlertRow("DiskFullPredicted", 0, NOT_KNOWN, NOT_KNOWN),
        AlertRow("OomPredicted", 4, "75%", "15m"),
    )


def test_where_nothing_speaks_there_is_nothing_to_tell(exporter: Exporter) -> None:
    assert model_rows(Snapshot(NOW), Telemetry()) == ModelRows((), (), (), (), ())
    assert 'id="models"' not in exporter.client.get("/").text


def test_the_page_has_them_in_words(exporter: Exporter) -> None:
    exporter.holder.publish(SNAPSHOT, NOW)
    exporter.telemetry.on_quality("cpu", level=0.95, coverage={0.95: {"1h": 0.9}}, mase=0.5, n_matured=40)
    page = exporter.client.get("/").text
    assert '<td data-label="Live coverage">90% at 1h; meant to be 95%</td>' in page
    assert '<td data-label="Brier skill">not known yet</td>' in page
    assert '<th scope="row">oom</th><td data-label="Speaks">trend</td>' in page
