"""One metric of one machine turns odd: a real Alertmanager says so, with that metric as the cause, until it is over.

Time is compressed: seconds instead of minutes, and the durations of the rules with them.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import requests
import yaml

from pronoia.series import LabelSet, SeriesFrame
from support.exporter import Exporter
from support.exporters import Alertmanager, PageExporter, job
from support.processes import free_port, wait_for
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: It watches clocks, and has the machine for itself.
pytestmark = pytest.mark.paced

RULES = Path(__file__).parents[2] / "rules" / "anomaly.yaml"
MACHINES, METRICS = ("db01", "db02"), ("cpu", "disk", "load")
HISTORY_SECONDS = 1_200
#: How far the disk of the first machine falls: many times what it varies by.
ODD = {("db01", "disk"): -30.0}


class Machines:
    """Metrics that vary a little about their levels and go up and down together, at any time."""

    def __init__(self) -> None:
        self.odd: dict[tuple[str, str], float] = {}

    def values(self, machine: str, metric: str, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Float64, one for each Unix time; the same whenever it is asked."""
        number = MACHINES.index(machine) * len(METRICS) + METRICS.index(metric)
        together = np.sin(2 * math.pi * seconds / 97.0 + MACHINES.index(machine))
        # As good as drawn: what could be computed from the values before would be odd whenever a scrape is late.
        own = (np.sin(12.9898 * np.floor(seconds) + 78.233 * number) * 43_758.5453) % 1.0 - 0.5
        return 50.0 + 10.0 * number + 2.0 * together + 2.0 * own

    def history(self, until: float) -> SeriesFrame:
        """A sample a second."""
        seconds = np.floor(until) - np.arange(HISTORY_SECONDS)[::-1].astype(np.float64)
        return SeriesFrame.from_series(
            {
                LabelSet({"__name__": metric, "job": "machines", "instance": machine}): (
                    (seconds * 1_000).astype(np.int64),
                    self.values(machine, metric, seconds),
                )
                for metric in METRICS
                for machine in MACHINES
            }
        )

    def page(self) -> str:
        """What they say now."""
        now = np.array([time.time()])
        return "".join(
            f'{metric}{{instance="{machine}"}} '
            f"{float(self.values(machine, metric, now)[0]) + self.odd.get((machine, metric), 0.0)!r}\n"
            for metric in METRICS
            for machine in MACHINES
        )


def compressed_rules() -> list[dict[str, Any]]:
    """The rules as they are shipped: minutes are seconds, and an alert ends two seconds after it was last so."""
    text = RULES.read_text(encoding="utf-8")
    for long, short in (("[10m:1m]", "[10s:1s]"), ("[30m:1m]", "[30s:1s]"), ("[10m]", "[10s]"), ("[30m]", "[30s]")):
        assert long in text
        text = text.replace(long, short)
    groups = yaml.safe_load(text.replace("[5m]", "[5s]"))["groups"]
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        rule["for"], rule["keep_firing_for"] = "1s", "2s"
    return groups


def configuration(prometheus: Prometheus) -> dict[str, Any]:
    return {
        "upstreams": [{"url": prometheus.url}],
        "presets": [],
        "queries": [
            {"name": metric, "expr": metric, "step": "1s", "history": "20m", "horizon": "1m", "horizons": ["1m"],
             "model": "seasonal-naive", "infer_every": "1s", "max_age": "1m"}
            for metric in METRICS
        ],
        "anomaly": {
            "systems": [{"name": "machine", "by": ["job", "instance"], "queries": list(METRICS)}],
            "step": "1s", "history": "20m", "warm_up": "10m", "infer_every": "1s", "max_age": "10s",
            # A day of minutes in seconds.
            "false_alarms_per_day": 6,
        },
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_odd_machine_is_told_with_its_odd_metric_and_only_while_it_is_odd(
    real_servers: None, tmp_path: Path
) -> None:
    machines, own = Machines(), f"127.0.0.1:{free_port()}"
    with PageExporter(machines.page) as page, Alertmanager(tmp_path / "alertmanager") as alertmanager:
        config = PrometheusConfig(
            scrape=[
                job("machines", page.address, honor_labels=True),
                job("predictions", own, metrics_path="/predictions", honor_labels=True),
            ],
            rules=compressed_rules(),
            alertmanagers=[alertmanager.address],
            # A post that is lost is made up for soon, and not within a minute.
            flags=["--rules.alert.resend-delay=1s"],
        )
        prometheus = Prometheus(tmp_path / "prometheus", config)
        prometheus.backfill(machines.history(time.time()))
        with prometheus:
            file = tmp_path / "pronoia.yml"
            file.write_text(yaml.safe_dump(configuration(prometheus)), encoding="utf-8")
            flags = [f"--config.file={file}", f"--storage.path={tmp_path / 'state'}"]
            with Exporter(tmp_path, "run", *flags, port=int(own.rpartition(":")[2])):
                wait_for(lambda: len(prometheus.query("pronoia_anomaly_score")) == 2, "scores of both", 120, 0.5)
                time.sleep(5.0)
                assert alerts_of(alertmanager) == {}
                machines.odd = ODD
                told = wait_for(lambda: alerts_of(alertmanager).get("db01"), "alert on db01", 90, 0.5)
                assert told["cause"].startswith("disk too low (expected ")
                assert "machine of db01 is unusual since 20" in told["description"]
                assert told["runbook_url"].endswith("anomaly.md#systemunusual")
                assert set(alerts_of(alertmanager)) == {"db01"}
                machines.odd = {}
                wait_for(lambda: not alerts_of(alertmanager), "end of the alert", 120, 0.5)


def alerts_of(alertmanager: Alertmanager) -> dict[str, dict[str, str]]:
    """Annotations of the systems that are told to be unusual, by instance."""
    alerts = requests.get(f"{alertmanager.url}/api/v2/alerts", timeout=5).json()
    return {
        alert["labels"]["instance"]: alert["annotations"]
        for alert in alerts
        if alert["labels"]["alertname"] == "SystemUnusual" and alert["labels"]["stem"] == "anomaly"
    }
