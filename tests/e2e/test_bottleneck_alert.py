"""Real load on real servers: the probability rises before the load does, and the alert fires in a real Alertmanager.

Time is compressed: a slot is two seconds instead of five minutes, and the durations of the rules with it.
"""

from __future__ import annotations

import logging
import os
import time
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

RULES = Path(__file__).parents[2] / "rules" / "bottleneck.yaml"
SLOT_SECONDS = 2
#: A minute of quiet, then half a minute at the limit, over and over.
REPEATING = (Stretch(60, 0.2, 0.2), Stretch(36, 0.97, 0.97))
ROUND_SECONDS, QUIET_SECONDS = 96.0, 60.0
#: Quiet, then more and more for two minutes: it is too much after 98 seconds.
RAMP = (Stretch(120, 0.25, 1.05), Stretch(600, 1.05, 1.05))
RAMP_SECONDS = 120.0 * (0.9 - 0.25) / (1.05 - 0.25)
#: How many rounds of the repeating load are history; the environment may have them run for real instead.
PAST_ROUNDS = 9
REAL_ROUNDS = int(os.environ.get("PRONOIA_REAL_ROUNDS", "0"))
PROBABILITY = 'pronoia_bottleneck_probability{target="state",horizon="12s"}'
UTILISATION = "rate(container_cpu_usage_seconds_total[4s]) / 0.3"


def compressed_rules() -> list[dict[str, Any]]:
    """The rules as they are shipped, in compressed time."""
    text = RULES.read_text(encoding="utf-8").replace('"30m"', '"12s"').replace("[5m]", "[4s]")
    groups = yaml.safe_load(text)["groups"]
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        rule["for"], rule["keep_firing_for"] = "1s", "10s"
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
@pytest.mark.timeout(480 + int(ROUND_SECONDS) * REAL_ROUNDS)
def test_the_alert_comes_before_the_overload(
    real_servers: None, tmp_path: Path, loads: tuple[LoadGroup, LoadGroup]
) -> None:
    repeating, ramp = loads
    own = f"127.0.0.1:{free_port()}"
    targets = [load.exporter.address for load in loads]
    containers = job("containers", *targets, metric_relabel_configs=[{"action": "labeldrop", "regex": "instance"}])
    predictions = job("predictions", own, metrics_path="/predictions", honor_labels=True)
    with Alertmanager(tmp_path / "alertmanager") as alertmanager:
        config = PrometheusConfig(
            scrape=[containers, predictions], rules=compressed_rules(), alertmanagers=[alertmanager.address]
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
                begins = {
                    "repeating": next_overload(repeating.began_at_seconds),
                    "ramp": ramp.began_at_seconds + RAMP_SECONDS,
                }
                alerted = first_alerts(alertmanager, begins, until=max(begins.values()) + 6.0)
                seen_until = time.time()
                risk = prometheus.query_range(PROBABILITY, seen_until - 240.0, seen_until, 1.0)
                load = prometheus.query_range(UTILISATION, seen_until - 240.0, seen_until, 1.0)
    risks = {labels["container"]: (times / 1000.0, values) for labels, times, values in risk}
    for labels, load_times, used_ratio in load:
        container = labels["container"]
        begin, (times, probability) = begins[container], risks[container]
        told = (
            f"{container}: alert {alerted.get(container, np.nan) - begin:.1f} s from its overload, probability "
            f"{_at(times - begin, probability)}, load {_at(load_times / 1000 - begin, used_ratio)}"
        )
        logging.getLogger(__name__).info(told)
        quiet, just_before = (
            (times > begin - 40.0) & (times < begin - 20.0),
            (times > begin - 14.0) & (times < begin - 1.0),
        )
        assert np.median(probability[quiet]) < 0.6, told
        assert probability[just_before].max() >= 0.6, told
        assert container in alerted, told
        assert alerted[container] < begin, told


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
            if labels["alertname"] == "BottleneckPredicted" and time.time() > begins[labels["container"]] - 40.0:
                seen.setdefault(labels["container"], time.time())
        return time.time() > until

    wait_for(look, "end of the schedules", until - time.time() + 30.0, 0.2)
    return seen


def _at(seconds: np.ndarray, values: np.ndarray) -> str:
    kept = (seconds > -45) & (seconds < 5)
    return " ".join(f"{at:.0f}:{value:.2f}" for at, value in zip(seconds[kept], values[kept], strict=True))
