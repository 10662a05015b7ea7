"""`make stack`: one command starts the whole installation with history, and Ctrl-C ends it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import requests
import yaml

from support.exporter import Exporter
from support.processes import wait_for
from support.prometheus import Prometheus
from support.stack import CURVES, OWN_RULES, ROOT, RULE_FILES, Ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY_SECONDS = 86_400
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass
class Running:
    """The command, and handles on what it has started."""

    process: subprocess.Popen[str]
    output: Path
    prometheus: Prometheus
    exporter: Exporter
    ports: Ports


@pytest.fixture(scope="module")
def stack(real_servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("stack")
    ports = Ports()
    output = folder / "output.txt"
    command = [
        *[sys.executable, str(ROOT / "scripts" / "stack.py"), f"--folder={folder / 'state'}", "--machines=1"],
        *[f"--prometheus-port={ports.prometheus}", f"--alertmanager-port={ports.alertmanager}"],
        *[f"--node-exporter-port={ports.node_exporter}", f"--pronoia-port={ports.pronoia}"],
    ]
    with ExitStack() as ends, output.open("w") as file:
        process = subprocess.Popen(
            ["env", "PYTHONPATH=exporter:tests", *command], cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, text=True
        )
        ends.callback(process.wait, 60)
        ends.callback(process.terminate)
        wait_for(
            lambda: process.poll() is not None or "first forecasts" in output.read_text(), "first forecasts", 600, 1.0
        )
        assert process.poll() is None, output.read_text()
        yield Running(
            process, output, Prometheus(folder, port=ports.prometheus), Exporter(folder, port=ports.pronoia), ports
        )


def test_it_tells_where_everything_is(stack: Running) -> None:
    told = stack.output.read_text()
    for port in (stack.ports.prometheus, stack.ports.alertmanager, stack.ports.node_exporter, stack.ports.pronoia):
        assert f"http://127.0.0.1:{port}/" in told


def test_alertmanager_tells_pronoia_what_became_of_alerts(stack: Running) -> None:
    # A predicted alert that somebody else posts comes back as an incident, by the token that was made for it.
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    alert = {"labels": {"alertname": "DiskFullPredicted", "predictive": "true", "instance": "x"}, "startsAt": now}
    requests.post(f"http://127.0.0.1:{stack.ports.alertmanager}/api/v2/alerts", json=[alert], timeout=10)

    def told() -> bool:
        incidents = requests.get(f"{stack.exporter.url}/incidents", timeout=10).json()["data"]["incidents"]
        return any(each["subject"].get("instance") == "x" for each in incidents)

    wait_for(told, "the incident", 60)


def test_prometheus_has_all_rule_files_and_evaluates_each_rule(stack: Running) -> None:
    groups = [group for file in RULE_FILES for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]]
    groups += OWN_RULES

    def evaluated() -> list[dict[str, str]] | None:
        loaded = [rule for group in stack.prometheus.get("rules")["groups"] for rule in group["rules"]]
        return loaded if all(rule["health"] != "unknown" for rule in loaded) else None

    loaded = wait_for(evaluated, "evaluation of all rules", 90)
    assert len(loaded) == sum(len(group["rules"]) for group in groups) > 0
    assert {rule["health"] for rule in loaded} == {"ok"}, [rule for rule in loaded if rule["health"] != "ok"]


def test_every_target_is_scraped(stack: Running) -> None:
    for name in ("machines", "node", "pronoia", "pronoia_predictions"):
        wait_for(lambda name=name: stack.prometheus.scraped(name), f"scrape of {name}", 60)


def test_the_curve_answers_for_the_next_24_hours(stack: Running) -> None:
    now = time.time()
    for curve in CURVES:
        frame = stack.prometheus.query_range(f'{curve}{{query="cpu_utilisation"}}', now, now + DAY_SECONDS, 300)
        (labels,) = frame.labels
        assert (labels["instance"], labels["job"]) == ("machine1", "node")
        # One point or two at the ends may be missing: the forecast is some seconds old, its grid is five minutes.
        assert frame.n_samples >= 287


def test_overloads_are_foretold(stack: Running) -> None:
    wait_for(
        lambda: (
            {labels["resource"] for labels in stack.prometheus.query("pronoia_bottleneck_probability")}
            >= {"cpu", "memory", "disk_io", "disk_space", "network"}
        ),
        "probability of each resource in Prometheus",
        180,
        1.0,
    )


def test_alerts_go_to_its_alertmanager(stack: Running) -> None:
    known = stack.prometheus.get("alertmanagers")["activeAlertmanagers"]
    assert [each["url"] for each in known] == [f"http://127.0.0.1:{stack.ports.alertmanager}/api/v2/alerts"]


def test_a_process_that_runs_wild_is_an_alert_of_the_machines_own(stack: Running) -> None:
    fires = 'ALERTS{alertname="MachineBusy", alertstate="firing", instance="machine1"}'
    wait_for(lambda: stack.prometheus.query(fires), "an alert of machine1", 120, 1.0)
    week_ago = time.time() - 7 * DAY_SECONDS
    assert stack.prometheus.query(f"count_over_time({fires}[7d])", week_ago)


def test_an_interrupt_stops_all(stack: Running) -> None:
    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(100) == 0
    for port in (stack.ports.prometheus, stack.ports.alertmanager, stack.ports.node_exporter, stack.ports.pronoia):
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/", timeout=5)
