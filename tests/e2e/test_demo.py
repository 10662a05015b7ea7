"""`pronoia demo` and `pronoia replay`: no server to install."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import requests

import pronoia
from support.exporter import HORIZONS, Exporter, pick
from support.processes import wait_for
from support.prometheus import Prometheus, PrometheusConfig, matrix_frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUR = 3600
#: Two thirds of it on two cores that do nothing else.
USEFUL_WITHIN_SECONDS = 90


@pytest.mark.alone
def test_the_demo_shows_forecasts_with_bounds_at_four_horizons_within_a_minute_or_so(tmp_path: Path) -> None:
    started = time.monotonic()
    with Exporter(tmp_path, "demo", "--log.level=info", name="demo") as demo:
        wait_for(lambda: {labels["horizon"] for labels in demo.forecasts()} == set(HORIZONS), "forecast", 90, 0.25)
        wait_for(lambda: len(demo.forecasts()) == 17 * len(HORIZONS), "forecast of every series of the demo", 90, 0.25)
        assert time.monotonic() - started < USEFUL_WITHIN_SECONDS
        page = demo.page("/predictions")
        for labels, point in pick(page, "pronoia_forecast").items():
            lower = page[labels.updated(__name__="pronoia_forecast_lower")]
            upper = page[labels.updated(__name__="pronoia_forecast_upper")]
            assert lower <= point <= upper, labels
        assert requests.get(demo.url + "/-/ready", timeout=5).status_code == 200
        assert demo.stop() == 0
    assert demo.url.rsplit(":", 1)[1] in demo.log.read_text(errors="replace"), "the demo prints where it is"


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    with Exporter(tmp_path_factory.mktemp("replay"), "replay", name="replay") as server:
        yield server


def test_a_replay_answers_remote_read_up_to_now(replay: Exporter) -> None:
    now = time.time()
    frame = pronoia.read(
        replay.url, 'cluster_cpu_utilization_ratio{cluster=~"goo.*"}', now - 14 * 24 * HOUR, now + HOUR
    )
    assert (frame.n_series, frame.n_samples) in {(1, 4031), (1, 4032), (1, 4033)}
    assert now - 600 < frame.timestamps_ms[-1] / 1000 <= time.time()


def test_a_replay_answers_query_range_like_remote_read(replay: Exporter) -> None:
    now = time.time()
    raw = pronoia.read(replay.url, "workload_usage", now - 6 * HOUR, now)
    # On the instants of the samples themselves, "the newest sample up to then" is that sample.
    start, end = raw.timestamps_ms[0] / 1000, raw.timestamps_ms[raw.indptr[1] - 1] / 1000
    reply = requests.get(
        replay.url + "/api/v1/query_range",
        params={"query": "workload_usage", "start": f"{start:.3f}", "end": f"{end:.3f}", "step": "300"},
        timeout=30,
    )
    ranged = matrix_frame(reply.json()["data"]["result"])
    assert ranged.labels == tuple(sorted(raw.labels))
    by_labels = {labels: values for labels, _, values in raw}
    for labels, _, values in ranged:
        np.testing.assert_array_equal(values, by_labels[labels])


def test_a_real_prometheus_can_query_a_replay(real_servers: None, replay: Exporter, tmp_path: Path) -> None:
    config = PrometheusConfig(remote_read=[{"url": replay.url + "/api/v1/read", "read_recent": True}])
    now = time.time()
    with Prometheus(tmp_path / "prometheus", config) as prometheus:
        mean = prometheus.query_range("avg_over_time(cluster_cpu_utilization_ratio[1h])", now - 24 * HOUR, now, HOUR)
        highest = prometheus.query("max_over_time(workload_usage[1d])", now)
    direct = pronoia.read(replay.url, "workload_usage", now - 24 * HOUR, now)
    assert mean.n_samples == 25
    assert sorted(highest.values()) == sorted(float(values.max()) for _, _, values in direct)


def test_a_replay_ends_when_told_to(tmp_path: Path) -> None:
    replay = Exporter(tmp_path, "replay", name="replay").start()
    assert replay.stop(timeout_seconds=10) == 0
