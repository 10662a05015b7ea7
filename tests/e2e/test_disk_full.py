"""A disk that fills within the day: the rule sees it in the curve that Prometheus reads from Pronoia."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from pronoia.exposition.predictions import PredictionRenderer
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.holder import Holder
from pronoia.predictions.forecast import Forecast, QueryForecast
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import Grid, LabelSet
from pronoia.web.app import create_app
from pronoia.web.listen import ListenAddress
from pronoia.web.server import WebServer
from support.exporters import job
from support.processes import wait_for
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from typing import Any

RULES = Path(__file__).parents[2] / "rules" / "forecast.yaml"
STEP_MS, N_STEPS = 300_000, 288


def filling(made_at: float, highest: dict[str, float]) -> QueryForecast:
    """Disks whose lower bound is highest twenty hours ahead, and low at every horizon that is told as a gauge."""
    labels = tuple(LabelSet({"instance": "db01", "mountpoint": mountpoint}) for mountpoint in highest)
    point = np.full((len(labels), N_STEPS), 0.75)
    point[:, 240] = list(highest.values())
    grid = Grid(int(made_at * 1000) + STEP_MS, STEP_MS, N_STEPS)
    forecast = Forecast(labels, grid, point, point - 0.01, np.minimum(point + 0.2, 1.0), 0.95, ("naive",) * len(labels))
    return QueryForecast("filesystem_used", "x", "ratio", made_at, forecast, point[:, 0].copy(), (900, 3600), 600.0)


def quick_rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        rule["for"] = "0s"
    return list(groups)


@pytest.mark.timeout(120)
def test_the_rule_looks_at_the_whole_curve(real_servers: None, tmp_path: Path) -> None:
    holder = Holder(PredictionRenderer(10_000, lambda _: None).render)
    app = create_app(holder, Telemetry(), reload=lambda: None, config_text=lambda: "")
    now = time.time()
    holder.publish(Snapshot(now, (filling(now, {"/full": 0.97, "/fine": 0.955}),)), now)
    with WebServer(app, [ListenAddress("127.0.0.1", 0)]) as server:
        (url,) = server.urls
        name = "pronoia_forecast_curve_lower"
        read = {"url": f"{url}api/v1/read", "read_recent": True, "required_matchers": {"__name__": name}}
        address = url.removeprefix("http://").rstrip("/")
        config = PrometheusConfig(
            scrape=[job("predictions", address, metrics_path="/predictions", honor_labels=True)],
            remote_read=[read],
            rules=quick_rules(),
        )
        with Prometheus(tmp_path / "prometheus", config) as prometheus:
            expression = 'ALERTS{alertname="DiskFillingUpPredicted", alertstate="firing"}'
            (alert,) = wait_for(lambda: prometheus.query(expression), "firing alert", 40)
            recorded = prometheus.query("pronoia:disk_used_lower_ratio:max_next_24h")
    assert (alert["mountpoint"], alert["severity"], alert["predictive"]) == ("/full", "warning", "true")
    highest = {labels["mountpoint"]: value for labels, value in recorded.items()}
    assert highest["/full"] == pytest.approx(0.96, abs=0.005)
    # 0.955 is likely, its lower bound is not full: doubt keeps quiet.
    assert highest["/fine"] == pytest.approx(0.945, abs=0.005)
