"""The whole installation on loopback: Prometheus with history, Alertmanager, node_exporter, machines, Pronoia."""

from __future__ import annotations

import secrets
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml

from pronoia.alerting.render import render_alertmanager
from pronoia.config.load import load
from pronoia.pipeline.alert_plan import alert_plan
from support.exporter import Exporter
from support.exporters import Alertmanager, NodeExporter, PageExporter, job
from support.machines import BUSY_ALERT, BUSY_FROM, Machines
from support.processes import Server, free_port
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.storage.recording import Recording

ROOT = Path(__file__).parents[2]
RULE_FILES = tuple(sorted((ROOT / "rules").glob("*.yaml")))
CURVES = ("pronoia_forecast_curve", "pronoia_forecast_curve_lower", "pronoia_forecast_curve_upper")
#: Of Pronoia's configuration, what the dashboards show besides what the preset brings.
SETTINGS: dict[str, Any] = {
    "anomaly": {"series": [{"query": "cpu_utilisation", "siblings": ["job"]}]},
    "failure": {"learnt_alerts": {"enabled": True}},
}
#: Rules of whoever runs the machines, whose alerts are learnt.
OWN_RULES = [
    {
        "name": "machines",
        "rules": [
            {
                "alert": BUSY_ALERT,
                "expr": '1 - avg without (cpu) (sum without (mode) (rate(node_cpu_seconds_total{mode="idle"}[5m])))'
                f" >= {BUSY_FROM}",
            }
        ],
    }
]
#: A folder that holds this file is a stack's, and may be emptied.
MARKER = ".pronoia-stack"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each server listens on loopback; free ports by default."""

    prometheus: int = field(default_factory=free_port)
    alertmanager: int = field(default_factory=free_port)
    node_exporter: int = field(default_factory=free_port)
    pronoia: int = field(default_factory=free_port)


class Stack:
    """Runs from entering the context until leaving it; what was kept of an earlier run is thrown away at the start.

    Pronoia reads that Prometheus with the node-exporter preset: machines that play a recording (two weeks are there at
    the start, by promtool), and the real node_exporter of this machine. Prometheus has the rule files of the
    repository and a rule of the machines' own, scrapes both pages of Pronoia and reads the future from it. Alertmanager
    tells Pronoia what became of alerts.

    Args:
        folder: for data, configurations and logs.
        ports: where they listen.
        recording: what the machines play; the bundled recording by default.
        n_machines: how many machines play.
        memory_minutes: until the first of them runs out of memory.
        settings: keys of Pronoia's configuration to add or replace.
        scrape_interval: of Prometheus, and of its rules.
        rule_files: those that Prometheus loads.
        scrape: jobs besides those of the stack.

    Raises:
        ValueError: if the folder holds something else.
    """

    def __init__(
        self,
        folder: Path,
        ports: Ports | None = None,
        *,
        recording: Recording | None = None,
        n_machines: int = 3,
        memory_minutes: float = 20.0,
        settings: dict[str, Any] | None = None,
        scrape_interval: str = "15s",
        rule_files: Sequence[Path] = RULE_FILES,
        scrape: Sequence[dict[str, Any]] = (),
    ) -> None:
        self.folder = folder
        ports = ports or Ports()
        self.machines = Machines(recording, n_machines, memory_minutes=memory_minutes)
        self.page = PageExporter(self.machines.page)
        self.node_exporter = NodeExporter(folder / "node_exporter", ports.node_exporter)
        self.alertmanager = Alertmanager(folder / "alertmanager", port=ports.alertmanager)
        own = f"127.0.0.1:{ports.pronoia}"
        self.prometheus = Prometheus(
            folder / "prometheus",
            PrometheusConfig(
                scrape=[
                    job("machines", self.page.address, honor_labels=True),
                    job("node", self.node_exporter.address),
                    job("pronoia", own),
                    job("pronoia_predictions", own, metrics_path="/predictions", honor_labels=True),
                    *scrape,
                ],
                remote_read=[
                    {"url": f"http://{own}/api/v1/read", "read_recent": True, "required_matchers": {"__name__": curve}}
                    for curve in CURVES
                ],
                rules=OWN_RULES,
                rule_files=rule_files,
                alertmanagers=[self.alertmanager.address],
                scrape_interval=scrape_interval,
            ),
            ports.prometheus,
        )
        self._config_file = folder / "pronoia.yml"
        self._token_file = folder / "webhook-token.txt"
        webhook = {"url": f"http://{own}/alertmanager/webhook", "token_file": str(self._token_file)}
        self._settings = {
            "upstreams": [{"name": "prometheus", "url": self.prometheus.url}],
            "presets": ["node-exporter"],
            **SETTINGS,
            "alert_bridge": {"webhook": webhook},
            **(settings or {}),
        }
        flags = [f"--config.file={self._config_file}", f"--storage.path={folder / 'pronoia'}"]
        self.exporter = Exporter(folder / "pronoia-log", "run", *flags, port=ports.pronoia)
        self._running = ExitStack()

    @property
    def webhook_token(self) -> str:
        """What a sender of alerts or of feedback shows to Pronoia."""
        return self._token_file.read_text(encoding="utf-8")

    @property
    def servers(self) -> tuple[Server, ...]:
        """All child processes."""
        return self.node_exporter, self.alertmanager, self.prometheus, self.exporter

    def __enter__(self) -> Self:
        self._empty_folder()
        self._config_file.write_text(yaml.safe_dump(self._settings, sort_keys=False), encoding="utf-8")
        self._token_file.write_text(secrets.token_urlsafe(), encoding="utf-8")
        self.alertmanager.config = render_alertmanager(alert_plan(load(self._config_file)))
        with ExitStack() as running:
            running.enter_context(self.page)
            for frame in (self.machines.history(), self.machines.alerts()):
                self.prometheus.backfill(frame)
            for server in self.servers:
                running.enter_context(server)
            self._running = running.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def has_forecasts(self) -> bool:
        """Whether the CPU of each machine has been forecast."""
        told = {labels["instance"] for labels in self.exporter.forecasts("cpu_utilisation")}
        return set(self.machines.names) <= told

    def _empty_folder(self) -> None:
        marker = self.folder / MARKER
        if self.folder.exists() and any(self.folder.iterdir()) and not marker.exists():
            raise ValueError(f"{self.folder} holds something else; an empty or a new folder is needed")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        marker.touch()
