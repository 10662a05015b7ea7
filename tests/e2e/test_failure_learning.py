"""Containers that were killed in the history of a real Prometheus are learnt from, and that is kept over a restart."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from pronoia.series import LabelSet, SeriesFrame
from support.exporter import Exporter, pick
from support.processes import wait_for
from support.prometheus import Prometheus

if TYPE_CHECKING:
    from pathlib import Path

HISTORY_SECONDS, N_CONTAINERS, N_KILLED = 6 * 3_600.0, 16, 8


def history(now_seconds: float) -> SeriesFrame:
    """Half of the containers leak for ten minutes, to 95 % of their limit, and are killed; the others stop half way."""
    times = np.arange(now_seconds - HISTORY_SECONDS, now_seconds, 30.0)
    times_ms = (times * 1_000).astype(np.int64)
    series = {}
    for number in range(N_CONTAINERS):
        since = times - times[0] - 3_000.0 - 600.0 * number
        is_killed = number < N_KILLED
        used = 0.3 + np.where((since >= 0.0) & (since < 600.0), since / 600.0 * (0.65 if is_killed else 0.3), 0.0)
        used += np.random.default_rng(number).normal(0.0, 0.003, len(times))
        labels = {"instance": "node:8080", "job": "cadvisor", "name": f"c{number}"}
        series[LabelSet({"__name__": "container_memory_working_set_bytes", **labels})] = (times_ms, used * 1e9)
        series[LabelSet({"__name__": "container_spec_memory_limit_bytes", **labels})] = (times_ms, 0.0 * used + 1e9)
        killed = (since >= 600.0).astype(np.float64) * is_killed
        series[LabelSet({"__name__": "container_oom_events_total", **labels})] = (times_ms, killed)
    return SeriesFrame.from_series(series)


def configuration(prometheus: Prometheus, fit_every: str) -> dict[str, object]:
    used = "container_memory_working_set_bytes / container_spec_memory_limit_bytes"
    killed = "increase(container_oom_events_total[5m]) > 0"
    return {
        "upstreams": [{"url": prometheus.url}],
        "presets": [],
        "failure": {
            "signals": [{"name": "memory", "failure": "oom", "expr": used}],
            "conditions": [
                {"failure": "oom", "expr": killed, "history": "6h"},
                {"failure": "killed", "expr": killed, "history": "6h"},
            ],
            "history": "6h",
            "infer_every": "1s",
            "fit_every": fit_every,
        },
    }


def events(exporter: Exporter) -> dict[tuple[str, str], float]:
    found = pick(exporter.page("/predictions"), "pronoia_failure_model_events")
    return {(labels["failure"], labels["speaker"]): value for labels, value in found.items()}


def accepted(exporter: Exporter) -> float:
    found = pick(exporter.page("/metrics"), "pronoia_failure_model_fits_total")
    return sum(n for labels, n in found.items() if (labels["failure"], labels["outcome"]) == ("oom", "accepted"))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_failures_in_the_history_are_learnt_from_and_kept(real_servers: None, tmp_path: Path) -> None:
    prometheus = Prometheus(tmp_path / "prometheus")
    prometheus.backfill(history(time.time()))
    file = tmp_path / "pronoia.yml"
    flags = [f"--config.file={file}", f"--storage.path={tmp_path / 'state'}"]
    with prometheus:
        file.write_text(yaml.safe_dump(configuration(prometheus, "5s")), encoding="utf-8")
        with Exporter(tmp_path, "run", *flags) as exporter:
            wait_for(lambda: accepted(exporter) and events(exporter).get(("oom", "prior")), "a model", 150, 0.5)
            known = events(exporter)
            said = pick(exporter.page("/predictions"), "pronoia_failure_probability")
        # A restart long before the next fit.
        file.write_text(yaml.safe_dump(configuration(prometheus, "1d")), encoding="utf-8")
        with Exporter(tmp_path, "run", *flags) as exporter:
            wait_for(lambda: events(exporter).get(("oom", "prior")), "what was learnt before", 60, 0.5)
            again = events(exporter)
            assert accepted(exporter) == 0
    # Eight failures weigh a third; from sixteen on they outweigh the trend, and are said to speak.
    assert known["oom", "prior"] == again["oom", "prior"] == N_KILLED
    # Without a signal, from when it happened before.
    assert known["killed", "recurrence"] == N_KILLED
    resting = [v for labels, v in said.items() if (labels["failure"], labels["horizon"]) == ("oom", "15m")]
    assert len(resting) == N_CONTAINERS
    # As the laboratory's trend has it, seven per cent.
    assert np.median(resting) < 0.05
    assert any(labels["failure"] == "any" for labels in said)
