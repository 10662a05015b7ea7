"""Pronoia's own metrics: each report lands where it belongs, and what is gone is forgotten."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics

from pronoia.exposition import families
from pronoia.exposition.family import Place
from pronoia.exposition.negotiation import ExpositionFormat
from pronoia.exposition.predictions import Exposed
from pronoia.exposition.scrape import render_registry
from pronoia.exposition.store import MetricStore
from pronoia.exposition.telemetry import Telemetry
from pronoia.predictions.bottleneck import RiskModel, RiskScore
from pronoia.predictions.outcome import OutcomeState, StageOutcome
from pronoia.transport.observer import RequestDetails
from support.risks import anomaly_watch, bottleneck_risk

if TYPE_CHECKING:
    from pronoia.transport.observer import RequestObserver

NOW = 1_700_000_000.0


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry("abc123", clock=lambda: NOW)


def value(telemetry: Telemetry, name: str, **labels: str) -> float | None:
    return telemetry.registry.get_sample_value(name, labels)


def report_everything(telemetry: Telemetry) -> None:
    telemetry.on_pushed(1)
    telemetry.on_mitigation("scale", "called")
    telemetry.on_push("am", "200")
    telemetry.on_push_retry("am", "timeout")
    telemetry.on_incidents_open(2)
    telemetry.on_incidents(n_muted=1, quality={"BottleneckPredicted": (10, 0.9, 1200.0)})
    telemetry.keep_upstreams(["prom"])
    telemetry.keep_queries(["cpu", "disk"], ["cpu"])
    telemetry.on_reload(success=True, at_seconds=NOW)
    telemetry.on_request(RequestDetails("prom", "remote_read", "200", "samples", 0.2, 1000, 50))
    telemetry.on_retry("prom", "timeout")
    telemetry.on_fallback("prom", "no_remote_read")
    telemetry.on_upstream("prom", up=True, path="query_api")
    telemetry.on_query_path("cpu", "query_api")
    telemetry.on_tick(NOW)
    telemetry.on_round_skipped("cpu")
    telemetry.on_worker_restart()
    telemetry.on_outcome(StageOutcome("cpu", "read", OutcomeState.OK, 0.5))
    telemetry.on_outcome(StageOutcome("cpu", "fit", OutcomeState.NO_DATA, 0.1, "too_short", "3 samples"))
    telemetry.on_outcome(StageOutcome("disk", "read", OutcomeState.FAILED, 0.1, "timeout", "no answer"))
    telemetry.on_series("cpu", active=7, dropped={"stale": 2})
    telemetry.on_snapshot(NOW)
    telemetry.on_exposed(Exposed(12, 50_000, 0.01, {("cpu", "series_limit"): 3}, {"cpu": 1}))
    telemetry.on_fit(
        "cpu",
        series_by_model={"ets": 5, "naive": 2},
        member_weights={"analogs": 0.75, "persistence": 0.25},
        guarded=2,
        failures={"singular": 1},
        duration_seconds=3.0,
        at_seconds=NOW,
    )
    telemetry.on_calendar("cpu", n_series_by_event={"backup": 3}, n_local=7)
    telemetry.on_event_read_failure("deployment", "timeout")
    telemetry.on_quality("cpu", level=0.95, coverage={0.95: {"1h": 0.94}, 0.5: {"1h": 0.52}}, mase=0.8, n_matured=100)
    telemetry.on_bottleneck_levels({"warning": 0.6, "critical": 0.8})
    telemetry.on_failure_levels({"warning": 0.6, "critical": 0.8})
    telemetry.on_anomalies(anomaly_watch(NOW), n_episodes=1, scored_seconds=120.0)
    telemetry.on_anomaly_fits("node", "fitted", 2)
    telemetry.on_bottleneck(bottleneck_risk(NOW), "cpu", {"stale": 3})
    telemetry.on_bottleneck_model("cpu", RiskModel("prior"))
    telemetry.on_bottleneck_fit("cpu", "accepted")
    telemetry.on_failure_read("oom", n_unread=0)
    telemetry.on_failure_fit("oom", "accepted")
    telemetry.on_bottleneck_quality(
        "cpu",
        {("30m", "state"): RiskScore(0.1, 0.5, 0.8, float("nan")), ("1h", "state"): RiskScore(0.1, 0.5, 0.8, 0.7)},
        n_matured=10,
        n_corrected=2,
        leads_seconds=[900.0, 0.0],
        mean_lead_seconds=900.0,
    )
    telemetry.on_log_message("warn")


def test_bottlenecks_tell_who_is_spoken_of_and_by_which_model(telemetry: Telemetry) -> None:
    report_everything(telemetry)
    assert value(telemetry, "pronoia_bottleneck_subjects", resource="cpu") == 2
    assert value(telemetry, "pronoia_bottleneck_young_subjects", resource="cpu") == 1
    assert value(telemetry, "pronoia_bottleneck_skipped_total", resource="cpu", reason="stale") == 3
    telemetry.on_bottleneck_model("cpu", RiskModel("local", NOW, 41))
    info = "pronoia_bottleneck_model_info"
    assert value(telemetry, info, resource="cpu", source="local", neural="false") == 1
    assert value(telemetry, info, resource="cpu", source="prior", neural="false") is None
    assert value(telemetry, "pronoia_bottleneck_model_events", resource="cpu") == 41
    telemetry.keep_queries(["cpu"], [])
    assert value(telemetry, "pronoia_bottleneck_subjects", resource="cpu") is None
    assert value(telemetry, "pronoia_stage_runs_total", query="bottleneck:cpu", stage="read") is None


def test_coverage_is_told_by_level(telemetry: Telemetry) -> None:
    telemetry.on_quality("cpu", level=0.9, coverage={0.9: {"1h": 0.88}, 0.5: {"1h": 0.47}}, mase=0.8, n_matured=9)
    cpu = {"query": "cpu", "horizon": "1h"}
    assert value(telemetry, "pronoia_forecast_coverage_ratio", **cpu, level="0.9") == 0.88
    assert value(telemetry, "pronoia_forecast_coverage_ratio", **cpu, level="0.5") == 0.47
    assert value(telemetry, "pronoia_forecast_interval_level_ratio", query="cpu") == 0.9


def test_a_scaled_error_that_is_not_known_yet_is_not_shown(telemetry: Telemetry) -> None:
    telemetry.on_quality("cpu", level=0.95, coverage={}, mase=float("nan"), n_matured=3)
    assert value(telemetry, "pronoia_forecast_mase_ratio", query="cpu") is None
    assert value(telemetry, "pronoia_forecast_matured_total", query="cpu") == 3


def test_it_is_an_observer_of_requests(telemetry: Telemetry) -> None:
    observer: RequestObserver = telemetry
    observer.on_request(RequestDetails("prom", "remote_read", "timeout", "", 30.0, 10, 0))
    way = {"upstream": "prom", "path": "remote_read"}
    assert value(telemetry, "pronoia_upstream_requests_total", **way, code="timeout") == 1
    assert value(telemetry, "pronoia_upstream_request_duration_seconds_bucket", **way, le="25") == 0
    assert value(telemetry, "pronoia_upstream_request_duration_seconds_bucket", **way, le="+Inf") == 1
    assert value(telemetry, "pronoia_upstream_request_duration_seconds_sum", **way) == 30.0


def test_a_bucket_holds_what_is_not_longer_than_its_bound(telemetry: Telemetry) -> None:
    way = {"upstream": "prom", "path": "query_api"}
    for seconds in (0.01, 0.05, 0.0501, 1.0, 100.0):
        telemetry.on_request(RequestDetails("prom", "query_api", "200", "matrix", seconds, 1, 1))
    name = "pronoia_upstream_request_duration_seconds_bucket"
    bounds = ("0.01", "0.05", "0.25", "1", "5", "25", "+Inf")
    assert [value(telemetry, name, **way, le=bound) for bound in bounds] == [1, 2, 3, 4, 4, 4, 5]


def test_a_stage_counts_runs_failures_and_skips_apart(telemetry: Telemetry) -> None:
    report_everything(telemetry)
    assert value(telemetry, "pronoia_stage_runs_total", query="disk", stage="read") == 1
    assert value(telemetry, "pronoia_stage_failures_total", query="disk", stage="read", reason="timeout") == 1
    assert value(telemetry, "pronoia_stage_last_success_timestamp_seconds", query="disk", stage="read") is None
    assert value(telemetry, "pronoia_stage_skips_total", query="cpu", stage="fit", reason="too_short") == 1
    assert value(telemetry, "pronoia_stage_last_success_timestamp_seconds", query="cpu", stage="read") == NOW
    assert value(telemetry, "pronoia_stage_duration_seconds", query="cpu", stage="read") == 0.5


def test_the_way_of_reading_in_use_is_1_and_the_other_0(telemetry: Telemetry) -> None:
    telemetry.on_upstream("prom", up=False, path="remote_read")
    assert value(telemetry, "pronoia_upstream_up", upstream="prom") == 0
    telemetry.on_upstream("prom", up=True, path="query_api")
    assert value(telemetry, "pronoia_upstream_up", upstream="prom") == 1
    assert value(telemetry, "pronoia_upstream_path", upstream="prom", path="query_api") == 1
    assert value(telemetry, "pronoia_upstream_path", upstream="prom", path="remote_read") == 0


def test_the_way_of_reading_a_query_is_one_of_two(telemetry: Telemetry) -> None:
    telemetry.on_query_path("cpu", "query_api")
    telemetry.on_query_path("cpu", "remote_read")
    assert value(telemetry, "pronoia_query_path", query="cpu", path="remote_read") == 1
    assert value(telemetry, "pronoia_query_path", query="cpu", path="query_api") == 0


def test_a_model_that_speaks_for_no_series_any_more_is_forgotten(telemetry: Telemetry) -> None:
    report_everything(telemetry)
    telemetry.on_fit(
        "cpu",
        series_by_model={"mstl": 7},
        member_weights={},
        guarded=0,
        failures={},
        duration_seconds=1.0,
        at_seconds=NOW + 1,
    )
    assert value(telemetry, "pronoia_model_series", query="cpu", model="mstl") == 7
    assert value(telemetry, "pronoia_model_series", query="cpu", model="ets") is None
    assert value(telemetry, "pronoia_forecast_member_weight_ratio", query="cpu", member="analogs") is None
    assert value(telemetry, "pronoia_model_fit_failures_total", query="cpu", reason="singular") == 1


def test_events_that_a_fit_no_longer_knows_are_forgotten(telemetry: Telemetry) -> None:
    telemetry.on_calendar("cpu", n_series_by_event={"backup": 3, "sale": 0}, n_local=0)
    telemetry.on_calendar("cpu", n_series_by_event={"sale": 2}, n_local=0)
    assert value(telemetry, "pronoia_forecast_event_series", query="cpu", event="backup") is None
    assert value(telemetry, "pronoia_forecast_event_series", query="cpu", event="sale") == 2


def test_a_refused_reload_keeps_the_time_of_the_last_good_one(telemetry: Telemetry) -> None:
    telemetry.on_reload(success=True, at_seconds=NOW)
    telemetry.on_reload(success=False, at_seconds=NOW + 60)
    assert value(telemetry, "pronoia_config_last_reload_successful") == 0
    assert value(telemetry, "pronoia_config_last_reload_success_timestamp_seconds") == NOW


def test_queries_and_upstreams_that_vanish_take_their_series_along(telemetry: Telemetry) -> None:
    report_everything(telemetry)
    telemetry.keep_queries(["disk"])
    telemetry.keep_upstreams(["other"])
    body = render_registry(telemetry.registry, ExpositionFormat.TEXT, gzip=False).decode()
    assert 'query="cpu"' not in body
    assert 'query="disk"' in body
    assert 'upstream="prom"' not in body


def test_what_is_known_in_advance_stands_at_zero(telemetry: Telemetry) -> None:
    telemetry.keep_queries(["cpu"])
    telemetry.keep_upstreams(["prom"])
    assert value(telemetry, "pronoia_stage_runs_total", query="cpu", stage="predict") == 0
    assert value(telemetry, "pronoia_forecast_matured_total", query="cpu") == 0
    assert value(telemetry, "pronoia_upstream_fallbacks_total", upstream="prom", reason="no_remote_read") == 0
    assert value(telemetry, "pronoia_log_messages_total", level="error") == 0
    assert value(telemetry, "pronoia_worker_restarts_total") == 0


def test_every_declared_family_gets_a_sample_once_everything_was_reported(telemetry: Telemetry) -> None:
    report_everything(telemetry)
    body = render_registry(telemetry.registry, ExpositionFormat.OPENMETRICS, gzip=False).decode()
    with_samples = {family.name for family in parse_openmetrics(body) if family.samples}
    declared = {f.name.removesuffix("_total") for f in families.FAMILIES if f.place is Place.METRICS}
    assert declared <= with_samples


def test_two_telemetries_share_nothing(telemetry: Telemetry) -> None:
    telemetry.on_worker_restart()
    assert value(Telemetry(), "pronoia_worker_restarts_total") == 0


def test_reports_from_many_threads_are_all_counted(telemetry: Telemetry) -> None:
    def report() -> None:
        for _ in range(500):
            telemetry.on_log_message("info")

    threads = [threading.Thread(target=report) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(telemetry, "pronoia_log_messages_total", level="info") == 2000


def test_labels_other_than_the_familys_are_a_mistake() -> None:
    store = MetricStore(families.FAMILIES)
    with pytest.raises(ValueError, match="pronoia_series_active has the labels"):
        store.put(families.SERIES_ACTIVE, 1)
    with pytest.raises(KeyError):
        store.put(families.SERIES_ACTIVE, 1, question="cpu")
