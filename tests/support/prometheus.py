"""A real Prometheus: configuration, backfilling, and its HTTP API."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import requests
import yaml

from pronoia.series import LabelSet, SeriesFrame, TimeRange
from pronoia.storage.openmetrics import write_openmetrics
from support.processes import Server, find_binary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass
class PrometheusConfig:
    """What differs between the tests' servers.

    Args:
        scrape: scrape jobs, as in Prometheus' configuration.
        remote_read: its section of that name.
        remote_write: its section of that name.
        rules: rule groups.
        rule_files: files of rule groups besides.
        alertmanagers: addresses of those it sends alerts to.
        external_labels: what it adds to every series that leaves it.
        scrape_interval: for scrapes and for rules.
        out_of_order_time_window: how late a sample may come.
        flags: further command line flags.
    """

    scrape: list[dict[str, Any]] = field(default_factory=list)
    remote_read: list[dict[str, Any]] = field(default_factory=list)
    remote_write: list[dict[str, Any]] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
    rule_files: Sequence[Path] = ()
    alertmanagers: list[str] = field(default_factory=list)
    external_labels: dict[str, str] = field(default_factory=dict)
    scrape_interval: str = "1s"
    out_of_order_time_window: str = "0s"
    flags: list[str] = field(default_factory=list)

    def document(self, rule_file: Path) -> dict[str, Any]:
        """Prometheus' configuration file."""
        return {
            "global": {
                "scrape_interval": self.scrape_interval,
                "scrape_timeout": self.scrape_interval,
                "evaluation_interval": self.scrape_interval,
                "external_labels": self.external_labels,
            },
            "storage": {"tsdb": {"out_of_order_time_window": self.out_of_order_time_window}},
            "rule_files": [*([str(rule_file)] if self.rules else []), *map(str, self.rule_files)],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": self.alertmanagers}]}]},
            "scrape_configs": self.scrape,
            "remote_read": self.remote_read,
            "remote_write": self.remote_write,
        }


class Prometheus(Server):
    """Prometheus with a data directory of its own, with the remote-write receiver on.

    Args:
        folder: for its data, configuration and log.
        config: what it scrapes, reads and evaluates.
    """

    def __init__(self, folder: Path, config: PrometheusConfig | None = None, port: int | None = None) -> None:
        super().__init__("prometheus", folder, port)
        self.config = config or PrometheusConfig()

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.folder / "data"

    def command(self) -> list[str]:
        config_file, rule_file = self.folder / "prometheus.yml", self.folder / "rules.yml"
        config_file.write_text(yaml.safe_dump(self.config.document(rule_file)))
        rule_file.write_text(yaml.safe_dump({"groups": self.config.rules}))
        return [
            find_binary("prometheus"),
            f"--config.file={config_file}",
            f"--storage.tsdb.path={self.data}",
            "--storage.tsdb.retention.time=10y",
            f"--web.listen-address={self.address}",
            "--web.enable-lifecycle",
            "--web.enable-remote-write-receiver",
            *self.config.flags,
        ]

    def backfill(self, frame: SeriesFrame) -> None:
        """Write samples as blocks, before it is started. They must lie in the past."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = self.folder / "backfill.om"
        with text.open("w", encoding="utf-8") as file:
            write_openmetrics(frame, file)
        create_blocks(text, self.data)
        text.unlink()

    def reload(self, config: PrometheusConfig) -> None:
        """Take another configuration while running."""
        self.config = config
        self.command()
        requests.post(self.url + "/-/reload", timeout=30).raise_for_status()

    def get(self, path: str, **parameters: Any) -> Any:
        """`data` of an API answer, which must be a success; `warnings` go unseen here."""
        return self.answer(path, **parameters)["data"]

    def answer(self, path: str, **parameters: Any) -> Any:
        """A whole API answer, which must be a success."""
        reply = requests.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=60)
        body = reply.json()
        assert body["status"] == "success", body
        return body

    def query(self, expression: str, at: float | None = None) -> dict[LabelSet, float]:
        """An instant query's vector."""
        result = self.get("query", query=expression, time=time.time() if at is None else at)["result"]
        return {LabelSet(series["metric"]): float(series["value"][1]) for series in result}

    def query_range(self, expression: str, start: float, end: float, step: float) -> SeriesFrame:
        """A range query's matrix."""
        result = self.get("query_range", query=expression, start=start, end=end, step=step)["result"]
        return matrix_frame(result)

    def samples(self, selector: str, time_range: TimeRange) -> SeriesFrame:
        """Every sample stored in a range as the HTTP API tells them: both ends included, staleness markers left out."""
        # Before 3.0 a range selector includes both of its ends; afterwards the left end is excluded.
        length_ms = max(time_range.duration_ms, 1)
        result = self.get("query", query=f"{selector}[{length_ms}ms]", time=f"{time_range.end_ms / 1000:.3f}")["result"]
        return matrix_frame(result)

    def scraped(self, job: str) -> bool:
        """Whether the last scrape of every target of a job succeeded."""
        up = self.query(f'up{{job="{job}"}}')
        return bool(up) and all(value == 1 for value in up.values())


def create_blocks(text: Path, data: Path) -> None:
    """Turn OpenMetrics text into blocks with promtool."""
    # promtool reads the text once per block: blocks of the usual two hours make that slow for days of samples.
    command = [find_binary("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--quiet"]
    subprocess.run(
        [*command, "--max-block-duration=744h", str(text), str(data)], check=True, timeout=300, capture_output=True
    )


def matrix_frame(result: list[dict[str, Any]]) -> SeriesFrame:
    """A matrix of the HTTP API as a frame, series sorted by their labels."""
    series = {
        LabelSet(one["metric"]): (
            np.array([round(float(at) * 1000) for at, _ in one["values"]], dtype=np.int64),
            np.array([float(value) for _, value in one["values"]]),
        )
        for one in result
    }
    return SeriesFrame.from_series(dict(sorted(series.items())))
