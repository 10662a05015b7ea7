"""The upstream goes away and comes back: forecasts are kept, then withdrawn, then shown again, without a restart."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import yaml

from support.exporter import Exporter, pick
from support.live import LiveRecording
from support.processes import wait_for
from support.prometheus import Prometheus

if TYPE_CHECKING:
    from pathlib import Path

MAX_AGE_SECONDS = 16


@pytest.fixture
def prometheus(real_servers: None, tmp_path: Path) -> Prometheus:
    server = Prometheus(tmp_path / "prometheus")
    server.backfill(LiveRecording(["google2019"]).history())
    return server


def configuration(prometheus_url: str) -> str:
    """Five minutes of outage against ten of `max_age`, made short."""
    return yaml.safe_dump(
        {
            "upstreams": [{"name": "real", "url": prometheus_url, "timeout": "5s"}],
            "forecast": {"infer_every": "2s", "max_age": f"{MAX_AGE_SECONDS}s"},
            "queries": [{"name": "cpu", "expr": "cluster_cpu_utilization_ratio", "unit": "ratio"}],
        }
    )


def test_forecasts_outlive_a_short_outage_are_withdrawn_in_a_long_one_and_come_back(
    prometheus: Prometheus, tmp_path: Path
) -> None:
    config_file = tmp_path / "pronoia.yml"
    config_file.write_text(configuration(prometheus.url))
    flags = [f"--config.file={config_file}", f"--storage.path={tmp_path / 'state'}"]
    with Exporter(tmp_path, "run", *flags) as exporter:
        prometheus.start()
        try:
            wait_for(lambda: exporter.has_horizons({"cpu": 1}), "forecast", 90, 0.25)
            assert exporter.own("pronoia_upstream_up", upstream="real") == 1
            pid = exporter.pid
            stopped, log_before = time.monotonic(), len(exporter.log.read_text())
            prometheus.stop()

            wait_for(lambda: exporter.own("pronoia_upstream_up", upstream="real") == 0, "news of the outage")
            # The newest forecast was made a round (two seconds) before the stop, or a little earlier on a busy machine.
            while time.monotonic() < stopped + MAX_AGE_SECONDS / 2:
                assert exporter.forecasts(), "withdrawn before max_age"
                time.sleep(0.5)
            wait_for(lambda: not exporter.forecasts(), "withdrawal of the forecast", MAX_AGE_SECONDS + 5)
            assert exporter.own("pronoia_upstream_up", upstream="real") == 0
            failures = pick(exporter.page("/metrics"), "pronoia_stage_failures_total")
            assert any(labels["stage"] == "read" and value > 0 for labels, value in failures.items())

            prometheus.start()
            wait_for(lambda: exporter.own("pronoia_upstream_up", upstream="real") == 1, "news of the return", 30)
            wait_for(lambda: exporter.has_horizons({"cpu": 1}), "forecast after the return", 30)
            assert exporter.pid == pid
        finally:
            prometheus.stop()
    told = [line for line in exporter.log.read_text()[log_before:].splitlines() if "level=error" in line]
    assert 1 <= len(told) <= 3, "an outage is told once, not every round"
    assert prometheus.address in told[0], "the message names who was not reached"
