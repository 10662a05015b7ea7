"""Every query of every dashboard has an answer: a real Prometheus, a recording replayed, and Pronoia beside it.

How good probabilities of overloads were is known after half an hour at the earliest, and errors against seasonal-naive
only where values change within a minute: a page of a Pronoia that has been up for longer stands in for those.
"""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from pronoia.exposition.negotiation import ExpositionFormat
from pronoia.exposition.scrape import render_registry
from pronoia.exposition.telemetry import Telemetry
from pronoia.learning.risk_quality import RiskScore
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
QUERY = "workload"
#: As many series make twenty outcomes, which live coverage takes, of two rounds.
N_SERIES = 12
#: Stands in for what the shipped rules say when something is about to happen.
RULES = [
    {
        "alert": alert,
        "expr": 'pronoia_bottleneck_probability{target="state", horizon="30m"} >= 0',
        "labels": {"severity": "warning", "predictive": predictive},
    }
    for alert, predictive in (("BottleneckPredicted", "true"), ("Bottleneck", "false"), ("OomPredicted", "true"))
]
RULES.append(
    {"alert": "SystemUnusual", "expr": "pronoia_anomaly_score >= 0", "labels": {"severity": "info", "stem": "anomaly"}}
)


WORKLOADS = frozenset(f"input{number}" for number in range(1, 16))


@dataclass
class Installation:
    """A Prometheus that scrapes and reads a Pronoia, which reads it; and what was asked of it so far."""

    prometheus: Prometheus
    variables: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def n_series(self, one: Asked) -> int:
        """How many series answer, now, and where the panel shows the future also after now."""
        # Of the stand-in's query nothing else is known.
        query = "older" if "pronoia_forecast_mase_ratio" in one.expr else QUERY
        expr, now = filled(one.expr, {**self.variables, "query": query}), time.time()
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


def configuration(prometheus_url: str, thresholds: list[float]) -> str:
    query = {
        "name": QUERY, "expr": "workload_usage", "entity": ["instance"], "minimum": 0, "thresholds": thresholds,
        "step": "30s", "horizons": ["30s", *HORIZONS], "history": "2d", "model": "seasonal-naive",
    }  # fmt: skip
    return yaml.safe_dump(
        {
            "upstreams": [{"url": prometheus_url}],
            "forecast": {"infer_every": "3s", "max_age": "1m"},
            "queries": [query],
            "bottleneck": {
                "infer_every": "3s",
                "resources": [{"name": "cpu", "query": QUERY, "threshold": thresholds[-1]}],
            },
            "failure": {
                "infer_every": "3s",
                "signals": [{"name": "usage", "failure": "oom", "query": QUERY, "limit": thresholds[-1]}],
            },
            "anomaly": {
                "step": "30s",
                "history": "2d",
                "warm_up": "1h",
                "infer_every": "3s",
                "max_age": "1m",
                "series": [{"query": QUERY, "siblings": ["job"]}],
                "systems": [{"name": "machine", "by": ["instance"], "queries": [QUERY]}],
            },
        }
    )


def page_after_a_while() -> str:
    """What /metrics says of live quality once predictions have come due."""
    telemetry = Telemetry()
    telemetry.keep_queries(["older"], ["memory"])
    telemetry.on_quality("older", level=0.95, coverage={}, mase=0.8, n_matured=100)
    scores = {("30m", "state"): RiskScore(brier=0.02, skill=0.6, precision=0.8, recall=0.5)}
    telemetry.on_bottleneck_quality(
        "memory", scores, n_matured=100, n_corrected=0, leads_seconds=[1200.0], mean_lead_seconds=1200.0
    )
    telemetry.on_incidents(n_muted=0, quality={"BottleneckPredicted": (10, 0.8, 900.0)})
    return render_registry(telemetry.registry, ExpositionFormat.TEXT, gzip=False).decode()


@pytest.fixture(scope="module")
def installation(real_servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("dashboards")
    recording, port = LiveRecording(WORKLOADS), free_port()
    history = recording.history()
    # Between what the series are worth: some cross it.
    thresholds = [float(np.quantile(history.values, share)) for share in (0.3, 0.5, 0.8)]
    own = f"127.0.0.1:{port}"
    with PageExporter(recording.page) as page, PageExporter(page_after_a_while()) as older:
        config = PrometheusConfig(
            scrape=[
                recording.scrape_job(page.address),
                job("pronoia", own, older.address),
                job("pronoia_predictions", own, metrics_path="/predictions", honor_labels=True),
            ],
            remote_read=[
                {"url": f"http://{own}/api/v1/read", "read_recent": True, "required_matchers": {"__name__": name}}
                for name in CURVES
            ],
            rules=[{"name": "alerts", "rules": RULES}],
        )
        prometheus = Prometheus(folder / "prometheus", config)
        prometheus.backfill(history)
        with prometheus:
            config_file = folder / "pronoia.yml"
            config_file.write_text(configuration(prometheus.url, thresholds))
            flags = [f"--config.file={config_file}", f"--storage.path={folder / 'state'}"]
            with Exporter(folder, "run", *flags, port=port) as exporter:
                wait_for(lambda: exporter.has_horizons({QUERY: N_SERIES}), "forecasts", 240, 0.5)
                seen = 'count(pronoia_forecast_coverage_ratio) and count(ALERTS{alertstate="firing"})'
                seen += " and count(pronoia_anomaly_score{query!=''}) and count(pronoia_anomaly_score{system!=''})"
                wait_for(lambda: prometheus.query(seen), "forecasts to come due", 180, 1.0)
                installed = Installation(prometheus)
                installed.variables = {
                    "job": ".*", "instance": ".*", "resource": ".*", "failure": ".*", "horizon": "1h", "query": QUERY,
                    "metric": QUERY,
                    "__rate_interval": "10s",
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
