"""Prometheus in, forecasts out: history by remote-read, predictions scraped, the future answered to PromQL."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from pronoia.series import LabelSet
from support.exporter import HORIZONS, Exporter, pick
from support.exporters import NodeExporter, PageExporter, job
from support.live import LiveRecording
from support.processes import find_binary, free_port, wait_for
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = 3600
#: Query -> number of its series.
QUERIES = {"cluster_cpu": 1, "workload": 2, "memory_per_cluster": 1}
CURVES = ("pronoia_forecast_curve", "pronoia_forecast_curve_lower", "pronoia_forecast_curve_upper")
RULES = [
    {"record": "query:pronoia_forecast_curve:in6h", "expr": "pronoia_forecast_curve offset -6h"},
    {"record": "query:pronoia_forecast_curve:max24h", "expr": "max_over_time(pronoia_forecast_curve[24h] offset -24h)"},
]


def configuration(prometheus_url: str) -> str:
    return yaml.safe_dump(
        {
            "upstreams": [{"name": "real", "url": prometheus_url}],
            "forecast": {"infer_every": "2s", "max_age": "1m"},
            "queries": [
                {"name": "cluster_cpu", "expr": "cluster_cpu_utilization_ratio", "unit": "ratio", "thresholds": [0.1]},
                {"name": "workload", "expr": "workload_usage", "minimum": 0},
                {"name": "memory_per_cluster", "expr": "avg by (cluster) (cluster_memory_utilization_ratio)"},
                {"name": "just_begun", "expr": "node_load1"},
            ],
        }
    )


@dataclass
class Installation:
    """A Prometheus with history that scrapes and reads a Pronoia, which reads it."""

    prometheus: Prometheus
    exporter: Exporter


@pytest.fixture(scope="module")
def installation(real_servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    recording = LiveRecording()
    port = free_port()
    with PageExporter(recording.page) as page, NodeExporter(folder / "node") as node:
        own = f"127.0.0.1:{port}"
        config = PrometheusConfig(
            scrape=[
                recording.scrape_job(page.address),
                job("node", node.address),
                job("pronoia", own),
                job("pronoia_predictions", own, metrics_path="/predictions", honor_labels=True),
            ],
            remote_read=[
                {"url": f"http://{own}/api/v1/read", "read_recent": True, "required_matchers": {"__name__": name}}
                for name in CURVES
            ],
            rules=[{"name": "future", "rules": RULES}],
        )
        prometheus = Prometheus(folder / "prometheus", config)
        prometheus.backfill(recording.history())
        with prometheus:
            config_file = folder / "pronoia.yml"
            config_file.write_text(configuration(prometheus.url))
            flags = [f"--config.file={config_file}", f"--storage.path={folder / 'state'}", "--log.level=debug"]
            with Exporter(folder, "run", *flags, port=port) as exporter:
                wait_for(lambda: exporter.has_horizons(QUERIES), "forecast of every series", 120, 0.5)
                yield Installation(prometheus, exporter)


def test_every_series_has_forecasts_with_bounds_at_four_horizons(installation: Installation) -> None:
    page = installation.exporter.page("/predictions")
    points = pick(page, "pronoia_forecast")
    assert {labels["horizon"] for labels in points} == set(HORIZONS)
    assert len(points) >= sum(QUERIES.values()) * len(HORIZONS)
    for labels, point in points.items():
        lower = page[labels.updated(__name__="pronoia_forecast_lower")]
        upper = page[labels.updated(__name__="pronoia_forecast_upper")]
        assert lower <= point <= upper, labels
        if labels["query"] == "cluster_cpu":
            assert 0 <= lower <= upper <= 1


def test_selectors_are_read_by_remote_read(installation: Installation) -> None:
    metrics = installation.exporter.page("/metrics")
    assert metrics[LabelSet({"__name__": "pronoia_upstream_up", "upstream": "real"})] == 1
    paths = {labels["path"]: value for labels, value in pick(metrics, "pronoia_upstream_path").items()}
    assert paths == {"remote_read": 1, "query_api": 0}
    read = pick(metrics, "pronoia_upstream_samples_read_total")
    by_path = {labels["path"]: value for labels, value in read.items()}
    assert by_path["remote_read"] >= 3 * 14 * 288  # 14 days at five minutes of three series


def test_a_series_with_too_little_history_costs_the_others_nothing(installation: Installation) -> None:
    assert not installation.exporter.forecasts("just_begun")
    told = [
        labels
        for labels, value in installation.exporter.page("/metrics").items()
        if labels.get("query") == "just_begun" and "reason" in labels and value > 0
    ]
    assert told, "no counter says why node_load1 has no forecast"


def test_prometheus_scrapes_the_predictions_with_their_source_labels(installation: Installation) -> None:
    prometheus = installation.prometheus
    wait_for(lambda: prometheus.scraped("pronoia_predictions"), "scrape of /predictions")
    scraped = wait_for(lambda: prometheus.query('pronoia_forecast{query="cluster_cpu"}'), "forecast in Prometheus")
    assert {labels["horizon"] for labels in scraped} == set(HORIZONS)
    for labels in scraped:
        source = {"cluster": "google2019", "instance": "google2019", "job": "recording"}
        assert source.items() <= labels.items()
        assert not [name for name in labels if name.startswith("exported_")]
    growth = 'pronoia_forecast{query="workload",horizon="24h"} / ignoring(query,horizon) workload_usage'
    both = {LabelSet({"workload": name, "instance": name, "job": "recording"}) for name in ("input2", "input9")}
    wait_for(lambda: set(prometheus.query(growth)) == both, "forecast beside the series that it is of")


def test_prometheus_scrapes_the_exporter_s_own_health(installation: Installation) -> None:
    prometheus = installation.prometheus
    wait_for(lambda: prometheus.scraped("pronoia"), "scrape of /metrics")
    assert list(prometheus.query("pronoia_upstream_up").values()) == [1]


def test_a_range_query_to_24_hours_from_now_returns_the_future(installation: Installation) -> None:
    now = time.time()
    frames = {
        name: installation.prometheus.query_range(f'{name}{{query="cluster_cpu"}}', now, now + 24 * HOUR, 300)
        for name in CURVES
    }
    for frame in frames.values():
        (labels,) = frame.labels
        assert labels["cluster"] == "google2019"
        # One point or two at the ends may be missing: the forecast is a few seconds old, its grid is five minutes.
        assert frame.n_samples >= 287
        assert frame.timestamps_ms[-1] >= (now + 24 * HOUR - 600) * 1000
    point, lower, upper = (frames[name] for name in CURVES)
    n = min(frame.n_samples for frame in frames.values())
    assert np.all(lower.values[:n] <= point.values[:n])
    assert np.all(point.values[:n] <= upper.values[:n])
    assert np.ptp(point.values) > 0.01, "a daily pattern is no flat line"


def test_the_curve_is_the_same_forecast_as_the_gauges(installation: Installation) -> None:
    exporter, prometheus = installation.exporter, installation.prometheus
    for labels, gauge in exporter.forecasts("workload").items():
        seconds = {"15m": 900, "1h": HOUR, "4h": 4 * HOUR, "24h": 24 * HOUR}[labels["horizon"]]
        selector = f'pronoia_forecast_curve{{query="workload",workload="{labels["workload"]}"}}'
        ((_, curve),) = prometheus.query(selector, time.time() + seconds).items()
        page = exporter.page("/predictions")
        upper = page[labels.updated(__name__="pronoia_forecast_upper")]
        lower = page[labels.updated(__name__="pronoia_forecast_lower")]
        # Between the two looks a newer forecast may have been made, and the curve's points are minutes apart.
        assert curve == pytest.approx(gauge, abs=0.5 * (upper - lower))


def test_recording_rules_about_the_future_evaluate(installation: Installation) -> None:
    prometheus = installation.prometheus
    recorded = "|".join(rule["record"] for rule in RULES)
    expected = {(rule["record"], query) for rule in RULES for query in QUERIES}

    def seen() -> set[tuple[str, str]]:
        return {(labels.name, labels["query"]) for labels in prometheus.query(f'{{__name__=~"{recorded}"}}')}

    wait_for(lambda: seen() >= expected, "series of every rule for every query")
    (group,) = prometheus.get("rules")["groups"]
    assert [(rule["health"], rule.get("lastError", "")) for rule in group["rules"]] == [("ok", "")] * len(RULES)


@pytest.mark.parametrize("path", ["/metrics", "/predictions"])
def test_promtool_finds_nothing_to_say_about_the_metrics(installation: Installation, path: str) -> None:
    text = installation.exporter.text(path)
    checked = subprocess.run(
        [find_binary("promtool"), "check", "metrics"],
        input=text,
        text=True,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_a_restart_keeps_the_fitted_models(installation: Installation) -> None:
    exporter = installation.exporter
    fitted = pick(exporter.page("/metrics"), "pronoia_model_fit_timestamp_seconds")
    assert fitted.keys() >= {LabelSet({"__name__": "pronoia_model_fit_timestamp_seconds", "query": q}) for q in QUERIES}
    before = exporter.forecasts()
    assert exporter.stop() == 0
    exporter.start()
    wait_for(lambda: exporter.has_horizons(QUERIES), "forecasts after the restart", 30)
    # A fit since then would have set a time of its own.
    assert pick(exporter.page("/metrics"), "pronoia_model_fit_timestamp_seconds").items() <= fitted.items()
    assert exporter.forecasts().keys() == before.keys()
