"""Every query of every dashboard has an answer: a real Prometheus, a recording replayed, and Pronoia beside it."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from support.dashboards import Asked, asked, boards, filled
from support.exporter import HORIZONS, Exporter
from support.exporters import PageExporter, job
from support.live import LiveRecording
from support.processes import free_port, wait_for
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY_SECONDS = 86_400
CURVES = ("pronoia_forecast_curve", "pronoia_forecast_curve_lower", "pronoia_forecast_curve_upper")
QUERY = "cluster_cpu"
#: Stands in for what the shipped rules say when something is about to happen.
RULES = [
    {
        "alert": alert,
        "expr": 'pronoia_bottleneck_probability{target="state", horizon="30m"} >= 0',
        "labels": {"severity": "warning", "predictive": predictive},
    }
    for alert, predictive in (("BottleneckPredicted", "true"), ("Bottleneck", "false"))
]


@dataclass
class Installation:
    """A Prometheus that scrapes and reads a Pronoia, which reads it; and what was asked of it so far."""

    prometheus: Prometheus
    variables: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def n_series(self, one: Asked) -> int:
        """How many series answer, now, and where the panel shows the future also after now."""
        expr, now = filled(one.expr, self.variables), time.time()
        if one.is_instant:
            return len(self.prometheus.query(expr, now))
        end = now + DAY_SECONDS if one.is_future else now
        frame = self.prometheus.query_range(expr, now - 600.0, end, 60.0)
        return frame.n_series

    def reaches(self, one: Asked, ahead_seconds: float) -> bool:
        """Whether an answer has a sample that far ahead of now."""
        now = time.time()
        frame = self.prometheus.query_range(filled(one.expr, self.variables), now, now + DAY_SECONDS, 300.0)
        return bool(np.any(frame.timestamps_ms > 1000 * (now + ahead_seconds)))


def configuration(prometheus_url: str) -> str:
    queries = [
        {"name": QUERY, "expr": "cluster_cpu_utilization_ratio", "unit": "ratio", "thresholds": [0.0001, 0.1]},
        {"name": "workload", "expr": "workload_usage", "minimum": 0, "thresholds": [0.0]},
    ]
    for query in queries:
        query |= {"entity": ["instance"], "step": "1m", "horizons": ["1m", *HORIZONS], "history": "2d"}
    return yaml.safe_dump(
        {
            "upstreams": [{"url": prometheus_url}],
            "forecast": {"infer_every": "5s", "max_age": "1m"},
            "queries": queries,
            "bottleneck": {
                "infer_every": "5s",
                "resources": [{"name": "cpu", "query": QUERY, "threshold": 0.01}],
            },
        }
    )


@pytest.fixture(scope="module")
def installation(real_servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("dashboards")
    recording, port = LiveRecording(), free_port()
    own = f"127.0.0.1:{port}"
    with PageExporter(recording.page) as page:
        config = PrometheusConfig(
            scrape=[
                recording.scrape_job(page.address),
                job("pronoia", own),
                job("pronoia_predictions", own, metrics_path="/predictions", honor_labels=True),
            ],
            remote_read=[
                {"url": f"http://{own}/api/v1/read", "read_recent": True, "required_matchers": {"__name__": name}}
                for name in CURVES
            ],
            rules=[{"name": "alerts", "rules": RULES}],
        )
        prometheus = Prometheus(folder / "prometheus", config)
        prometheus.backfill(recording.history())
        with prometheus:
            config_file = folder / "pronoia.yml"
            config_file.write_text(configuration(prometheus.url))
            flags = [f"--config.file={config_file}", f"--storage.path={folder / 'state'}"]
            with Exporter(folder, "run", *flags, port=port) as exporter:
                wait_for(lambda: exporter.has_horizons({QUERY: 1, "workload": 2}), "forecasts", 120, 0.5)
                seen = 'count(pronoia_forecast_coverage_ratio) and count(ALERTS{alertstate="firing"})'
                [(time.sleep(30), print(prometheus.query("count by (query,level,horizon) (pronoia_forecast_coverage_ratio)"), prometheus.query("pronoia_forecast_matured_total"), flush=True)) for _ in range(9)]
                installed = Installation(prometheus)
                installed.variables = {
                    "job": ".*", "instance": ".*", "resource": ".*", "query": QUERY, "__rate_interval": "10s",
                    "expression": expression(prometheus),
                }  # fmt: skip
                yield installed
    logging.getLogger(__name__).info("%s", "\n".join(installed.told))


def expression(prometheus: Prometheus) -> str:
    (labels,) = prometheus.query(f'pronoia_query_info{{query="{QUERY}"}}')
    return labels["expression"]


@pytest.mark.parametrize("one", [pytest.param(one, id=str(one)) for one in asked()])
def test_no_panel_is_empty(installation: Installation, one: Asked) -> None:
    n_series = installation.n_series(one)
    installation.told.append(f"{one}: {n_series} series")
    assert n_series > 0, filled(one.expr, installation.variables)


@pytest.mark.parametrize(
    "one", [pytest.param(one, id=str(one)) for one in asked() if one.is_future and "24 hours A" in one.where]
)
def test_the_future_is_drawn(installation: Installation, one: Asked) -> None:
    assert installation.reaches(one, 0.9 * DAY_SECONDS)


@pytest.mark.parametrize("stem", boards())
def test_variables_have_values(installation: Installation, stem: str) -> None:
    for variable in boards()[stem]["templating"]["list"][1:]:
        selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]).groups()
        found = installation.prometheus.query(filled(selector, installation.variables))
        assert {labels.get(label) for labels in found} - {None}, f"{stem}: {variable['name']}"
