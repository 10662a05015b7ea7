"""Pronoia itself as a child process, and its pages as numbers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from prometheus_client.parser import text_string_to_metric_families

from pronoia.series import LabelSet
from support.processes import Server

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = str(Path(sys.executable).with_name("pronoia"))
HORIZONS = ("15m", "1h", "4h", "24h")
Page = dict[LabelSet, float]


class Exporter(Server):
    """`pronoia COMMAND ...`, listening on loopback.

    Args:
        folder: for its log.
        arguments: the command and its flags.
    """

    ready_path = "/-/healthy"

    def __init__(self, folder: Path, *arguments: str, name: str = "pronoia", port: int | None = None) -> None:
        super().__init__(name, folder, port)
        self._arguments = arguments

    def command(self) -> list[str]:
        return [PROGRAM, *self._arguments, f"--web.listen-address={self.address}"]

    def text(self, path: str) -> str:
        """A page as scraped by an old Prometheus."""
        reply = requests.get(self.url + path, timeout=10)
        assert reply.status_code == 200, f"{path}: {reply.status_code} {reply.text}"
        return reply.text

    def page(self, path: str) -> Page:
        """Every sample of a page."""
        return {
            LabelSet({**sample.labels, "__name__": sample.name}): sample.value
            for family in text_string_to_metric_families(self.text(path))
            for sample in family.samples
        }

    def forecasts(self, query: str | None = None) -> Page:
        """The `pronoia_forecast` samples on /predictions."""
        page = pick(self.page("/predictions"), "pronoia_forecast")
        return {labels: value for labels, value in page.items() if query in (None, labels["query"])}

    def own(self, name: str, **labels: str) -> float | None:
        """One sample of /metrics, or None."""
        return self.page("/metrics").get(LabelSet({**labels, "__name__": name}))

    def has_horizons(self, queries: Mapping[str, int], horizons: tuple[str, ...] = HORIZONS) -> bool:
        """Whether each query has a forecast at every horizon for this many series."""
        seen: dict[tuple[str, str], int] = {}
        for labels in self.forecasts():
            key = labels["query"], labels["horizon"]
            seen[key] = seen.get(key, 0) + 1
        return all(seen.get((query, horizon)) == n for query, n in queries.items() for horizon in horizons)


def pick(page: Page, name: str) -> Page:
    """The samples of one name."""
    return {labels: value for labels, value in page.items() if labels.name == name}
