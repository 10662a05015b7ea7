"""Nothing but the address of a Prometheus is given: the node-exporter preset forecasts the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import requests
from prometheus_client.parser import text_string_to_metric_families

from pronoia.series import LabelSet, SeriesFrame
from support.exporter import HORIZONS, Exporter, pick
from support.exporters import NodeExporter, job
from support.live import LiveRecording
from support.processes import wait_for
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from pathlib import Path

TOTAL, AVAILABLE = "node_memory_MemTotal_bytes", "node_memory_MemAvailable_bytes"


def memory_history(total_bytes: float, available_bytes: float, address: str) -> SeriesFrame:
    """Two weeks of a machine's memory: of its own size, used as a cluster's memory was, up to what is used now."""
    recorded = LiveRecording(["google2019"]).history()
    (i,) = (i for i, labels in enumerate(recorded.labels) if labels.name == "cluster_memory_utilization_ratio")
    ((_, times, used_ratio),) = recorded.take([i])
    used_ratio = np.clip(used_ratio - used_ratio[-1] + 1.0 - available_bytes / total_bytes, 0.01, 0.99)
    machine = LabelSet({"instance": address, "job": "node"})
    return SeriesFrame.from_series(
        {
            machine.updated(__name__=TOTAL): (times, used_ratio * 0 + total_bytes),
            machine.updated(__name__=AVAILABLE): (times, total_bytes * (1 - used_ratio)),
        }
    )


def test_a_prometheus_url_alone_gives_forecasts_of_a_real_machine(real_servers: None, tmp_path: Path) -> None:
    with NodeExporter(tmp_path / "node") as node:
        page_of_node = requests.get(node.url + "/metrics", timeout=10).text
        total, available = (
            sample.value
            for name in (TOTAL, AVAILABLE)
            for family in text_string_to_metric_families(page_of_node)
            for sample in family.samples
            if sample.name == name
        )
        prometheus = Prometheus(tmp_path / "prometheus", PrometheusConfig(scrape=[job("node", node.address)]))
        prometheus.backfill(memory_history(total, available, node.address))
        with prometheus:
            wait_for(lambda: prometheus.scraped("node"), "scrape of the machine")
            flags = [f"--prometheus.url={prometheus.url}", f"--storage.path={tmp_path / 'state'}"]
            with Exporter(tmp_path, "run", *flags) as exporter:
                wait_for(lambda: exporter.has_horizons({"memory_utilisation": 1}), "forecast of memory", 120, 0.5)
                # Nobody asked for failures. Disks are known for less than two minutes.
                told = lambda: {  # noqa: E731
                    labels["failure"] for labels in pick(exporter.page("/predictions"), "pronoia_failure_probability")
                }
                wait_for(lambda: {"oom", "any"} <= told(), "probability of running out of memory", 60, 0.5)
                page = exporter.page("/predictions")
                metrics = exporter.page("/metrics")
    forecast = {labels: v for labels, v in pick(page, "pronoia_forecast").items() if "memory" in labels["query"]}
    assert {labels["horizon"] for labels in forecast} == set(HORIZONS)
    for labels, value in forecast.items():
        assert (labels["instance"], labels["job"]) == (node.address, "node")
        assert 0 <= value <= 1
    likely = {labels for labels, value in pick(page, "pronoia_failure_probability").items() if value >= 0.6}
    assert not likely, "a machine at rest is not about to fail"
    # The rest of the preset has minutes of history: every query has an outcome, none has failed.
    runs = {labels["query"] for labels, n in pick(metrics, "pronoia_stage_runs_total").items() if n}
    assert {"cpu_utilisation", "memory_utilisation", "filesystem_used", "load_per_core"} <= runs
    assert not {labels for labels, n in pick(metrics, "pronoia_stage_failures_total").items() if n}
