"""A real leak: the process is announced in a real Alertmanager, with the cause, before the kernel kills it.

Time is compressed: a minute instead of a quarter of an hour, and the durations of the rules with it.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml

from support.exporter import Exporter
from support.exporters import Alertmanager, job
from support.memory_leak import CgroupMissing, LeakingProcess
from support.processes import free_port, wait_for
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

#: It follows a schedule, and needs little of the processor but that in time.
pytestmark = pytest.mark.paced

RULES = Path(__file__).parents[2] / "rules" / "failure.yaml"
#: It reaches its limit after 100 seconds.
START_MIB, MIB_PER_SECOND, LIMIT_MIB = 30.0, 0.5, 80
QUIET_SECONDS = 25.0
PROBABILITY = 'pronoia_failure_probability{horizon="1m"}'


def compressed_rules() -> list[dict[str, Any]]:
    """The rules as they are shipped, in compressed time."""
    text = RULES.read_text(encoding="utf-8").replace('"15m"', '"1m"').replace("[5m]", "[5s]")
    groups = yaml.safe_load(text)["groups"]
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        rule["for"], rule["keep_firing_for"] = "0s", "10s"
    return groups


def configuration(prometheus: Prometheus) -> dict[str, Any]:
    used = "container_memory_working_set_bytes / container_spec_memory_limit_bytes"
    return {
        "upstreams": [{"url": prometheus.url}],
        "presets": [],
        "failure": {
            "signals": [{"name": "memory", "failure": "oom", "expr": used}],
            "horizons": ["1m"],
            "history": "10m",
            "step": "1s",
            "infer_every": "1s",
            "max_age": "10s",
        },
    }


@pytest.fixture
def processes() -> Iterator[tuple[LeakingProcess, LeakingProcess]]:
    try:
        with (
            LeakingProcess("leaks", START_MIB, MIB_PER_SECOND, LIMIT_MIB) as leaks,
            LeakingProcess("rests", START_MIB, MIB_PER_SECOND, LIMIT_MIB) as rests,
        ):
            yield leaks, rests
    except CgroupMissing as error:
        pytest.skip(str(error))


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_a_leak_is_announced_with_its_cause_before_the_kernel_kills(
    real_servers: None, tmp_path: Path, processes: tuple[LeakingProcess, LeakingProcess]
) -> None:
    leaks, _ = processes
    own = f"127.0.0.1:{free_port()}"
    containers = job("containers", *(each.exporter.address for each in processes))
    predictions = job("predictions", own, metrics_path="/predictions", honor_labels=True)
    with Alertmanager(tmp_path / "alertmanager") as alertmanager:
        config = PrometheusConfig(
            scrape=[containers, predictions],
            rules=compressed_rules(),
            alertmanagers=[alertmanager.address],
        )
        with Prometheus(tmp_path / "prometheus", config) as prometheus:
            file = tmp_path / "pronoia.yml"
            file.write_text(yaml.safe_dump(configuration(prometheus)), encoding="utf-8")
            flags = [f"--config.file={file}", f"--storage.path={tmp_path / 'state'}"]
            with Exporter(tmp_path, "run", *flags, port=int(own.rpartition(":")[2])):
                wait_for(lambda: len(prometheus.query(PROBABILITY)) == 2, "probability of both", 120, 1.0)
                time.sleep(QUIET_SECONDS)
                assert alerts_of(alertmanager) == {}
                leaks.begin()
                began = time.time()
                seen = watch(alertmanager, leaks)
    assert "leaks" in seen, "no alert before the kernel killed the process"
    assert "rests" not in seen
    at, annotations = seen["leaks"]
    lead = began + (LIMIT_MIB - START_MIB) / MIB_PER_SECOND - at
    logging.getLogger(__name__).info("alert %.1f s before the limit: %s", lead, annotations)
    assert lead > 10.0
    assert annotations["cause"].startswith("memory: headroom_used_up")
    assert annotations["runbook_url"].endswith("failure-oom.md#oompredicted")
    assert "probability" in annotations["description"]


def watch(alertmanager: Alertmanager, leaks: LeakingProcess) -> dict[str, tuple[float, dict[str, str]]]:
    """When each container was first announced while the leaking one lived, and how."""
    seen: dict[str, tuple[float, dict[str, str]]] = {}

    def look() -> bool:
        for container, told in alerts_of(alertmanager).items():
            if leaks.is_alive():
                seen.setdefault(container, (time.time(), told))
        return not leaks.is_alive()

    wait_for(look, "the kernel to kill", 240, 0.2)
    assert leaks.n_kills() >= 1
    return seen


def alerts_of(alertmanager: Alertmanager) -> dict[str, dict[str, str]]:
    """Annotations of what is announced, by container."""
    alerts = requests.get(f"{alertmanager.url}/api/v2/alerts", timeout=5).json()
    return {
        alert["labels"]["container"]: alert["annotations"]
        for alert in alerts
        if alert["labels"]["alertname"] == "OomPredicted"
    }
