"""The whole installation on loopback: Prometheus with history, Alertmanager, node_exporter, machines, Pronoia."""

from __future__ import annotations

import secrets
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml

from pronoia.alerting.receivers import SecretStyle
from pronoia.alerting.render import render_alertmanager
from pronoia.config.load import parse
from pronoia.pipeline.alert_plan import alert_plan
from support.exporter import Exporter
from support.exporters import Alertmanager, NodeExporter, PageExporter, job
from support.machines import Machines
from support.processes import Server, free_port
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from pronoia.storage.recording import Recording

ROOT = Path(__file__).parents[2]
RULE_FILES = tuple(sorted((ROOT / "rules").glob("*.yaml")))
CURVES = ("pronoia_forecast_curve", "pronoia_forecast_curve_lower", "pronoia_forecast_curve_upper")
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
    repository, scrapes both pages of Pronoia and reads the future from it. Alertmanager tells Pronoia what became of
    alerts, and nobody else.

    Args:
        folder: for data, configurations and logs.
        ports: where they listen.
        recording: what the machines play; the bundled recording by default.
        n_machines: how many machines play.
        settings: keys of Pronoia's configuration to add or replace.
        scrape_interval: of Prometheus, and of its rules.

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
        settings: dict[str, Any] | None = None,
        scrape_interval: str = "15s",
    ) -> None:
        self.folder = folder
        ports = ports or Ports()
        self.machines = Machines(recording, n_machines)
        self.page = PageExporter(self.machines.page)
        self.node_exporter = NodeExporter(folder / "node_exporter", ports.node_exporter)
        own = f"127.0.0.1:{ports.pronoia}"
        self._config_file, self._token_file = folder / "pronoia.yml", folder / "webhook-token.txt"
        self._settings = {
            "upstreams": [{"name": "prometheus", "url": f"http://127.0.0.1:{ports.prometheus}"}],
            "presets": ["node-exporter"],
            "alert_bridge": {
                "webhook": {"url": f"http://{own}/alertmanager/webhook", "token_file": str(self._token_file)}
            },
            **(settings or {}),
        }
        self.alertmanager = Alertmanager(folder / "alertmanager", self._routes(), port=ports.alertmanager)
        self.prometheus = Prometheus(
            folder / "prometheus",
            PrometheusConfig(
                scrape=[
                    job("machines", self.page.address, honor_labels=True),
                    job("node", self.node_exporter.address),
                    job("pronoia", own),
                    job("pronoia_predictions", own, metrics_path="/predictions", honor_labels=True),
                ],
                remote_read=[
                    {"url": f"http://{own}/api/v1/read", "read_recent": True, "required_matchers": {"__name__": curve}}
                    for curve in CURVES
                ],
                rule_files=RULE_FILES,
                alertmanagers=[self.alertmanager.address],
                scrape_interval=scrape_interval,
            ),
            ports.prometheus,
        )
        flags = [f"--config.file={self._config_file}", f"--storage.path={folder / 'pronoia'}"]
        self.exporter = Exporter(folder / "pronoia-log", "run", *flags, port=ports.pronoia)
        self._running = ExitStack()

    @property
    def servers(self) -> tuple[Server, ...]:
        """All child processes."""
        return self.node_exporter, self.alertmanager, self.prometheus, self.exporter

    def __enter__(self) -> Self:
        self._empty_folder()
        self._config_file.write_text(self._config_text(), encoding="utf-8")
        self._token_file.write_text(secrets.token_urlsafe() + "\n", encoding="utf-8")
        with ExitStack() as running:
            running.enter_context(self.page)
            self.prometheus.backfill(self.machines.history())
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

    def _config_text(self) -> str:
        return yaml.safe_dump(self._settings, sort_keys=False)

    def _routes(self) -> str:
        config = parse(self._config_text(), str(self._config_file), directory=self.folder)
        return render_alertmanager(alert_plan(config), SecretStyle(str(self.folder)))

    def _empty_folder(self) -> None:
        marker = self.folder / MARKER
        if self.folder.exists() and any(self.folder.iterdir()) and not marker.exists():
            raise ValueError(f"{self.folder} holds something else; an empty or a new folder is needed")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        marker.touch()
