"""A deployment that Prometheus knows of: its effect is learnt from the ones before, and ends when theirs did."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from pronoia.series import LabelSet, SeriesFrame
from support.exporter import Exporter
from support.exporters import PageExporter, job
from support.processes import wait_for
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MINUTE, HOUR = 60, 3600
LASTS = 2 * HOUR
#: How long ago each deployment was, the last of them a moment.
AGES = (80.0 * HOUR, 55.5 * HOUR, 38.25 * HOUR, 20.5 * HOUR, 20 * MINUTE)
REQUESTS, GENERATION = (
    LabelSet({"__name__": name, "job": "shop", "instance": "shop", "namespace": "shop"})
    for name in ("http_requests", "kube_deployment_status_observed_generation")
)


def requests(times: np.ndarray, now: float) -> np.ndarray:
    """A quiet day's wave, and fifty more for two hours after each deployment."""
    ages = now - times
    after = sum(((age >= ages) & (age - ages < LASTS)).astype(float) for age in AGES)
    return 100.0 + 10.0 * np.sin(2 * np.pi * times / (24 * HOUR)) + 50.0 * after


def history(now: float) -> SeriesFrame:
    """Five days, a sample a minute."""
    times = (now // MINUTE - np.arange(5 * 24 * 60, 0, -1)) * MINUTE
    noise = np.random.default_rng(0).normal(size=len(times))
    generation = sum((now - times <= age).astype(float) for age in AGES)
    stamps = (times * 1000).astype(np.int64)
    return SeriesFrame.from_series(
        {REQUESTS: (stamps, requests(times, now) + noise), GENERATION: (stamps, 1.0 + generation)}
    )


@pytest.fixture(scope="module")
def exporter(real_servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    folder: Path = tmp_path_factory.mktemp("deployment")
    now = time.time()

    def page() -> str:
        value = float(requests(np.array([time.time()]), now)[0])
        return (
            f'http_requests{{namespace="shop"}} {value}\n'
            f'kube_deployment_status_observed_generation{{namespace="shop"}} {1 + len(AGES)}\n'
        )

    with PageExporter(page) as shop:
        scrape = job("shop", shop.address, honor_labels=True)
        scrape["static_configs"][0]["labels"] = {"instance": "shop"}
        prometheus = Prometheus(folder / "prometheus", PrometheusConfig(scrape=[scrape]))
        prometheus.backfill(history(now))
        config = {
            "upstreams": [{"url": prometheus.url}],
            "forecast": {"infer_every": "2s", "max_age": "1m", "history": "5d", "timezone": "Europe/Berlin"},
            "queries": [{"name": "requests", "expr": "http_requests", "model": "seasonal-mean"}],
            "events": [
                {
                    "name": "deployment",
                    "query": "changes(kube_deployment_status_observed_generation[5m]) > 0",
                    "duration": "2h",
                    "same_labels": ["namespace"],
                },
                {"name": "unreadable", "query": "info(http_requests)", "duration": "1h"},
            ],
        }
        (folder / "pronoia.yml").write_text(yaml.safe_dump(config))
        flags = [f"--config.file={folder / 'pronoia.yml'}", f"--storage.path={folder / 'state'}"]
        with prometheus, Exporter(folder, "run", *flags) as running:
            wait_for(lambda: running.forecasts("requests"), "forecast", 120, 0.5)
            yield running


def test_the_effect_of_a_deployment_is_learnt_from_the_ones_before(exporter: Exporter) -> None:
    assert exporter.own("pronoia_forecast_event_series", query="requests", event="deployment") == 1


def test_the_one_in_progress_goes_on_and_ends(exporter: Exporter) -> None:
    at = {labels["horizon"]: value for labels, value in exporter.forecasts("requests").items()}
    now = time.time()
    usual = {horizon: float(requests(np.array([now + s]), now + 10 * 24 * HOUR)[0]) for horizon, s in SECONDS.items()}
    assert at["1h"] == pytest.approx(usual["1h"] + 50.0, abs=12.0)
    assert at["4h"] == pytest.approx(usual["4h"], abs=12.0)


def test_an_event_that_cannot_be_read_is_counted_and_costs_no_forecast(exporter: Exporter) -> None:
    failed = [
        (labels["event"], value)
        for labels, value in exporter.page("/metrics").items()
        if labels.name == "pronoia_event_read_failures_total"
    ]
    assert failed
    assert {event for event, _ in failed} == {"unreadable"}


SECONDS = {"1h": HOUR, "4h": 4 * HOUR}
