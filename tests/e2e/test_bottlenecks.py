"""History in a Prometheus, probabilities of an overload out, scraped back into the same Prometheus."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import requests
import yaml

from pronoia.series import LabelSet, SeriesFrame
from support.exporter import Exporter, pick
from support.exporters import PageExporter, job
from support.live import LiveRecording
from support.processes import free_port, wait_for
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400
BUSY = LabelSet({"__name__": "cpu_ratio", "instance": "busy", "job": "machines"})
RECORDED = LabelSet({"__name__": "cpu_ratio", "instance": "recorded", "job": "machines"})


def usual(seconds: np.ndarray, job_at: float) -> np.ndarray:
    """Quiet, but for a job of half an hour at the same time each day."""
    return np.where((seconds - job_at) % DAY < 1800, 0.97, 0.25 + 0.05 * np.sin(seconds / 5000))


def machines(job_at: float) -> SeriesFrame:
    """Two weeks of a machine with a daily job that begins at `job_at`, and of a recorded cluster."""
    recorded = LiveRecording(["google2019"]).history()
    (i,) = (i for i, labels in enumerate(recorded.labels) if labels.name == "cluster_cpu_utilization_ratio")
    ((_, times, used_ratio),) = recorded.take([i])
    return SeriesFrame.from_series({BUSY: (times, usual(times / 1000, job_at)), RECORDED: (times, used_ratio)})


def test_a_daily_job_is_foretold_in_the_prometheus_that_recorded_it(real_servers: None, tmp_path: Path) -> None:
    job_at = time.time() + 1200
    own = f"127.0.0.1:{free_port()}"
    history = machines(job_at)
    last = {labels: float(values[-1]) for labels, _, values in history}

    def page() -> str:
        now = float(usual(np.array([time.time()]), job_at)[0])
        return f'cpu_ratio{{instance="busy"}} {now}\ncpu_ratio{{instance="recorded"}} {last[RECORDED]}\n'

    with PageExporter(page) as exposed:
        scraped = job("machines", exposed.address, honor_labels=True)
        predictions = job("predictions", own, metrics_path="/predictions", honor_labels=True)
        prometheus = Prometheus(tmp_path / "prometheus", PrometheusConfig(scrape=[scraped, predictions]))
        prometheus.backfill(history)
        with prometheus:
            wait_for(lambda: prometheus.scraped("machines"), "scrape of the machines")
            config = {
                "upstreams": [{"url": prometheus.url}],
                "forecast": {"infer_every": "2s", "max_age": "1m"},
                "queries": [{"name": "cpu", "expr": "cpu_ratio", "unit": "ratio", "entity": ["instance"]}],
                "bottleneck": {
                    "infer_every": "2s",
                    "max_age": "1m",
                    "resources": [
                        {"name": "cpu", "query": "cpu"},
                        {"name": "cpu_alone", "expr": "cpu_ratio", "entity": ["instance"]},
                    ],
                },
            }
            file = tmp_path / "pronoia.yml"
            file.write_text(yaml.safe_dump(config), encoding="utf-8")
            flags = [f"--config.file={file}", f"--storage.path={tmp_path / 'state'}"]
            with Exporter(tmp_path, "run", *flags, port=int(own.rpartition(":")[2])) as exporter:
                shown = "pronoia_bottleneck_probability"
                wait_for(lambda: len(pick(exporter.page("/predictions"), shown)) >= 32, "both resources", 120, 0.5)
                wait_for(lambda: len(prometheus.query(shown)) >= 32, "scrape of the predictions", 30, 0.5)
                stored = prometheus.query(f'{shown}{{resource="cpu",target="state",horizon="30m"}}')
                alert = prometheus.query(
                    'pronoia_bottleneck_probability{target="onset",horizon="30m"} > 0.6 '
                    "and on (resource, instance) pronoia_bottleneck_utilization_ratio < 0.9 * 0.5"
                )
                own_page = exporter.page("/metrics")
                answer = requests.get(f"{exporter.url}/api/v1/bottlenecks?resource=cpu", timeout=10).json()
    by_instance = {labels["instance"]: value for labels, value in stored.items()}
    assert by_instance["busy"] > 0.6
    assert by_instance["recorded"] < 0.1
    assert {labels["job"] for labels in stored} == {"machines"}
    assert {(labels["resource"], labels["instance"]) for labels in alert} == {("cpu", "busy"), ("cpu_alone", "busy")}
    worst = answer["data"]["bottlenecks"][0]
    assert worst["metric"]["instance"] == "busy"
    assert 0 < worst["eta"]["seconds"] <= 1800
    info = LabelSet({"resource": "cpu", "source": "prior", "neural": "false"})
    assert own_page[info.updated(__name__="pronoia_bottleneck_model_info")] == 1
    assert not {labels for labels, n in pick(own_page, "pronoia_stage_failures_total").items() if n}


SLOT = 5
SHORT_DAY = 288 * SLOT


def hurried(seconds: np.ndarray, job_at: float) -> np.ndarray:
    """The same in compressed time: a day is 24 minutes, the job takes half a minute of them."""
    return np.where((seconds - job_at) % SHORT_DAY < 6 * SLOT, 0.97, 0.25 + 0.05 * np.sin(seconds / 80))


def test_in_compressed_time_the_gauge_rises_before_the_load_does(real_servers: None, tmp_path: Path) -> None:
    now = time.time()
    job_at = now + 90
    times = np.arange(int(now - 12 * SHORT_DAY) * 1000, int(now) * 1000, SLOT * 1000)
    history = SeriesFrame.from_series({BUSY: (times, hurried(times / 1000, job_at))})

    def page() -> str:
        return f'cpu_ratio{{instance="busy"}} {float(hurried(np.array([time.time()]), job_at)[0])}\n'

    with PageExporter(page) as exposed:
        scraped = job("machines", exposed.address, honor_labels=True)
        prometheus = Prometheus(tmp_path / "prometheus", PrometheusConfig(scrape=[scraped]))
        prometheus.backfill(history)
        with prometheus:
            config = {
                "upstreams": [{"url": prometheus.url, "overlap": "10s"}],
                "presets": [],
                "queries": [{"name": "cpu", "expr": "cpu_ratio", "unit": "ratio", "entity": ["instance"]}],
                "bottleneck": {
                    "slot": f"{SLOT}s",
                    "infer_every": "1s",
                    "max_age": "30s",
                    "history": "5h",
                    # The query keeps a sample every five minutes: the resource reads for itself.
                    "resources": [{"name": "cpu", "query": "cpu"}],
                },
            }
            file = tmp_path / "pronoia.yml"
            file.write_text(yaml.safe_dump(config), encoding="utf-8")
            with Exporter(tmp_path, "run", f"--config.file={file}", f"--storage.path={tmp_path / 'state'}") as exporter:
                gauge = LabelSet(
                    {"resource": "cpu", "horizon": "1m", "target": "onset", "instance": "busy", "job": "machines"}
                ).updated(__name__="pronoia_bottleneck_probability")
                wait_for(lambda: exporter.page("/predictions").get(gauge, 0.0) > 0.6, "rise of the gauge", 90, 0.5)
                assert time.time() < job_at, "the gauge rose only with the load"
                eta = gauge.updated(__name__="pronoia_bottleneck_eta_seconds", horizon="", target="")
                wait_for(lambda: exporter.page("/predictions").get(eta) == 0.0, "the overload", 120, 0.5)
                assert job_at <= time.time() <= job_at + 8 * SLOT
