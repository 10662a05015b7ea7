"""Real load on real servers: the probability rises before the load does, and the alert fires in a real Alertmanager.

Time is compressed: a slot is two seconds instead of five minutes, and the durations of the rules with it.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import requests
import yaml

from pronoia.series import SeriesFrame
from support.cpu_load import LoadGroup, Stretch
from support.exporter import Exporter
from support.exporters import Alertmanager, job
from support.processes import free_port, wait_for
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

#: It follows a schedule, and needs little of the processor but that in time.
pytestmark = pytest.mark.paced

RULES = Path(__file__).parents[2] / "rules" / "bottleneck.yaml"
SLOT_SECONDS = 2
#: A minute of quiet, then half a minute at the limit, over and over.
REPEATING = (Stretch(60, 0.2, 0.2), Stretch(36, 0.97, 0.97))
ROUND_SECONDS, QUIET_SECONDS = 96.0, 60.0
#: More and more for three minutes, too much after 146 seconds; then quiet again.
RAMP = (Stretch(180, 0.25, 1.05), Stretch(12, 1.05, 1.05), Stretch(48, 0.25, 0.25))
RAMP_SECONDS = 180.0 * (0.9 - 0.25) / (1.05 - 0.25)
#: Rounds that are watched at most, as a machine that is busy otherwise may come late with the load or the answer.
ATTEMPTS = 3
#: How many rounds of the repeating load are history; the environment may have them run for real instead.
PAST_ROUNDS = 9
REAL_ROUNDS = int(os.environ.get("PRONOIA_REAL_ROUNDS", "0"))
PROBABILITY = 'pronoia_bottleneck_probability{target="state",horizon="12s"}'
UTILISATION = "rate(container_cpu_usage_seconds_total[4s]) / 0.2"


def compressed_rules() -> list[dict[str, Any]]:
    """The rules as they are shipped, in compressed time."""
    text = RULES.read_text(encoding="utf-8").replace('"30m"', '"12s"').replace("[5m]", "[4s]")
    groups = yaml.safe_load(text)["groups"]
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        # Two minutes come to less than one evaluation.
        rule["for"], rule["keep_firing_for"] = "0s", "10s"
    return groups


def configuration(prometheus: Prometheus) -> dict[str, Any]:
    return {
        "upstreams": [{"url": prometheus.url}],
        "presets": [],
        "bottleneck": {
            "slot": f"{SLOT_SECONDS}s",
            "horizons": ["12s"],
            "history": "20m",
            "infer_every": "1s",
            "max_age": "10s",
            "resources": [{"name": "cpu", "expr": UTILISATION, "entity": ["container"]}],
        },
    }


@pytest.fixture
def loads() -> Iterator[tuple[LoadGroup, LoadGroup]]:
    past_rounds = max(PAST_ROUNDS - REAL_ROUNDS, 0)
    with LoadGroup("repeating", REPEATING, past_rounds=past_rounds) as repeating, LoadGroup("ramp", RAMP) as ramp:
        yield repeating, ramp


@pytest.mark.slow
@pytest.mark.timeout(960 + int(ROUND_SECONDS) * REAL_ROUNDS)
def test_the_alert_comes_before_the_overload(
    real_servers: None, tmp_path: Path, loads: tuple[LoadGroup, LoadGroup]
) -> None:
    repeating, ramp = loads
    own = f"127.0.0.1:{free_port()}"
    targets = [load.exporter.address for load in loads]
    containers = job("containers", *targets, metric_relabel_configs=[{"action": "labeldrop", "regex": "instance"}])
    predictions = job("predictions", own, metrics_path="/predictions", honor_labels=True)
    told: list[str] = []
    with Alertmanager(tmp_path / "alertmanager") as alertmanager:
        config = PrometheusConfig(
            scrape=[containers, predictions],
            scrape_interval="500ms",
            rules=compressed_rules(),
            alertmanagers=[alertmanager.address],
        )
        prometheus = Prometheus(tmp_path / "prometheus", config)
        repeating.begin()
        past = repeating.history(repeating.began_at_seconds, job="containers")
        if REAL_ROUNDS < PAST_ROUNDS:
            prometheus.backfill(SeriesFrame.from_series(past))
        with prometheus:
            file = tmp_path / "pronoia.yml"
            file.write_text(yaml.safe_dump(configuration(prometheus)), encoding="utf-8")
            flags = [f"--config.file={file}", f"--storage.path={tmp_path / 'state'}"]
            with Exporter(tmp_path, "run", *flags, port=int(own.rpartition(":")[2])):
                wait_for(lambda: len(prometheus.query(PROBABILITY)) == 2, "probability of both loads", 200, 1.0)
                ramp.begin()
                missing = {"repeating", "ramp"}
                for _ in range(ATTEMPTS):
                    begins = {
                        "repeating": next_overload(repeating.began_at_seconds),
                        "ramp": next_crossing(ramp.began_at_seconds),
                    }
                    begins = {container: begins[container] for container in missing}
                    alerted = first_alerts(alertmanager, begins, until=max(begins.values()) + 6.0)
                    for container, begin in begins.items():
                        watched = watch(prometheus, container, begin, alerted.get(container))
                        told.append(watched.told)
                        logging.getLogger(__name__).info(watched.told)
                        missing -= {container} if watched.was_foretold else set()
                    if not missing:
                        break
    assert not missing, "\n".join(told)


@dataclass(frozen=True, slots=True)
class Watched:
    """One overload: whether it was foretold, and the figures."""

    was_foretold: bool
    told: str


def watch(prometheus: Prometheus, container: str, begin: float, alerted_at: float | None) -> Watched:
    """Low while it was quiet, high before the load was, and an alert before that."""
    labelled = f'{{container="{container}",'
    ((_, times, probability),) = prometheus.query_range(
        PROBABILITY.replace("{", labelled), begin - 45.0, begin + 5.0, 1
    )
    load = UTILISATION.replace("_total[", f'_total{{container="{container}"}}[')
    ((_, load_times, used_ratio),) = prometheus.query_range(load, begin - 45.0, begin + 5.0, 1.0)
    at = times / 1000.0 - begin
    quiet, just_before = (at > -40.0) & (at < -20.0), (at > -14.0) & (at < -1.0)
    lead = begin - (alerted_at or np.inf)
    is_told = lead > 0.0 and probability[quiet].size > 0 and bool(np.median(probability[quiet]) < 0.6)
    told = (
        f"{container}: alert {lead:.1f} s before its overload, probability {_at(at, probability)}, "
        f"load {_at(load_times / 1000.0 - begin, used_ratio)}"
    )
    return Watched(is_told and bool((probability[just_before] >= 0.6).any()), told)


def next_crossing(began_at_seconds: float) -> float:
    """When the ramp is next at its threshold, with time enough to see what precedes it."""
    whole = sum(stretch.seconds for stretch in RAMP)
    first = began_at_seconds + RAMP_SECONDS
    return first + whole * max(float(np.ceil((time.time() + 45.0 - first) / whole)), 0.0)


def next_overload(began_at_seconds: float) -> float:
    """When the repeating load is at its limit again, after enough rounds and enough time to see what precedes it."""
    first = began_at_seconds + QUIET_SECONDS + ROUND_SECONDS * REAL_ROUNDS
    rounds = np.ceil((time.time() + 45.0 - first) / ROUND_SECONDS)
    return first + ROUND_SECONDS * max(float(rounds), 0.0)


def first_alerts(alertmanager: Alertmanager, begins: dict[str, float], until: float) -> dict[str, float]:
    """When the Alertmanager first had an alert of each container, at most 40 s before its overload was to begin."""
    seen: dict[str, float] = {}

    def look() -> bool:
        for alert in requests.get(f"{alertmanager.url}/api/v2/alerts", timeout=5).json():
            labels = alert["labels"]
            begin = begins.get(labels.get("container", ""), np.inf)
            if labels["alertname"] == "BottleneckPredicted" and time.time() > begin - 40.0:
                seen.setdefault(labels["container"], time.time())
        return time.time() > until

    wait_for(look, "end of the schedules", until - time.time() + 30.0, 0.2)
    return seen


def _at(seconds: np.ndarray, values: np.ndarray) -> str:
    return " ".join(f"{at:.0f}:{value:.2f}" for at, value in zip(seconds, values, strict=True))
