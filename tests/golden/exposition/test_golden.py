"""A snapshot and its exposition, compared letter by letter: what Prometheus sees changes on purpose only.

After a change on purpose: `UPDATE_GOLDEN=1 pytest tests/golden/exposition`, and read the difference.
"""

from __future__ import annotations

import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from pronoia.exposition.catalogue import catalogue_table
from pronoia.exposition.negotiation import ExpositionFormat
from pronoia.exposition.predictions import PredictionRenderer
from pronoia.exposition.scrape import render_registry
from pronoia.exposition.telemetry import Telemetry
from pronoia.predictions.forecast import Forecast, QueryForecast, ThresholdCrossing
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import Grid, LabelSet

HERE = Path(__file__).parent
NOW = 1_700_000_000.25
DISK = LabelSet({"__name__": "node_filesystem_avail_bytes", "instance": "db-1:9100", "mountpoint": "/"})
ODD = LabelSet(
    {"__name__": "node_filesystem_avail_bytes", "instance": 'C:\\ "D"\n', "horizon": "wide", "k8s.io/app": "ü"}
)
LOAD = LabelSet({})


def snapshot() -> Snapshot:
    return Snapshot(
        NOW,
        (
            _forecast("disk-space", 'node_filesystem_avail_bytes{fstype!~"tmpfs"}', "bytes", (DISK, ODD), 1e9),
            _forecast("load", "sum(node_load1)", "", (LOAD,), 2.5),
        ),
    )


def _forecast(query: str, expression: str, unit: str, labels: tuple[LabelSet, ...], level: float) -> QueryForecast:
    grid = Grid(int(NOW * 1000) + 300_000, 300_000, 290)
    point = level * (1.0 - np.arange(1, 291) / 400.0) * np.arange(1.0, len(labels) + 1)[:, None]
    forecast = Forecast(labels, grid, point, 0.9 * point, 1.1 * point, 0.95, ("theta",) * len(labels))
    crossing = ThresholdCrossing(labels[0], level / 2, 60_000.0, 54_545.5, math.inf)
    return QueryForecast(
        query,
        expression,
        unit,
        NOW,
        forecast,
        point[:, 0].copy(),
        (900, 3600, 14_400, 86_400),
        600.0,
        (crossing,),
        thresholds=(level / 2,),
    )


@pytest.fixture(scope="module")
def page() -> str:
    rendered = PredictionRenderer(1000, lambda _: None).render(snapshot(), NOW)
    return b"".join(rendered.body(ExpositionFormat.TEXT, gzip=False)).decode()


def test_predictions_read_as_they_did(page: str, golden) -> None:
    golden(HERE / "predictions.txt", page)


def test_predictions_parse_to_the_snapshot(page: str) -> None:
    values = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    forecast = snapshot().forecasts[0]
    at_one_hour = forecast.forecast.at([round((NOW + 3600) * 1000)])
    labels = (("horizon", "1h"), ("instance", "db-1:9100"), ("mountpoint", "/"), ("query", "disk-space"))
    assert values["pronoia_forecast", *labels] == at_one_hour.point[0, 0]
    assert values["pronoia_forecast_lower", *labels] == at_one_hour.lower[0, 0]
    assert values["pronoia_forecast_upper", *labels] == at_one_hour.upper[0, 0]
    odd = (
        ("exported_horizon", "wide"),
        ("horizon", "24h"),
        ("instance", 'C:\\ "D"\n'),
        ("k8s_io_app", "ü"),
        ("query", "disk-space"),
    )
    assert ("pronoia_forecast", *odd) in values


def test_the_catalogue_reads_as_it_did(golden) -> None:
    golden(HERE / "catalogue.md", catalogue_table())


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize("path", ["/metrics", "/predictions"])
def test_promtool_finds_nothing_to_say(page: str, path: str) -> None:
    telemetry = Telemetry()
    telemetry.keep_queries(["cpu"])
    telemetry.keep_upstreams(["prometheus"])
    telemetry.on_upstream("prometheus", up=True, path="remote_read")
    metrics = render_registry(telemetry.registry, ExpositionFormat.TEXT, gzip=False).decode()
    text = metrics if path == "/metrics" else page
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
