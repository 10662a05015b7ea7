"""A reload changes what changed and leaves the rest running."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pronoia.config.load import parse
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.application import Application

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEFORE = """
upstreams: [{name: main, url: http://localhost:1}, {name: other, url: http://localhost:2}]
queries:
  - {name: load, expr: node_load1}
  - {name: queue, expr: queue_depth, upstream: other}
  - {name: gone, expr: node_load5}
"""


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    application = Application(parse(BEFORE, "before"), Telemetry(), tmp_path)
    with application:
        yield application


def test_unchanged_queries_go_on_changed_ones_start_anew_and_vanished_ones_end(application: Application) -> None:
    before = {cycle.name: cycle for cycle in application.cycles}
    after_text = BEFORE.replace("node_load1", "node_load15").replace("- {name: gone", "- {name: new")
    application.apply(parse(after_text, "after"))
    after = {cycle.name: cycle for cycle in application.cycles}
    assert list(after) == ["load", "queue", "new"]
    assert after["queue"] is before["queue"]
    assert after["load"] is not before["load"]


def test_a_changed_upstream_restarts_its_queries_alone(application: Application) -> None:
    before = {cycle.name: cycle for cycle in application.cycles}
    application.apply(parse(BEFORE.replace("localhost:2", "localhost:3"), "after"))
    after = {cycle.name: cycle for cycle in application.cycles}
    assert after["load"] is before["load"]
    assert after["queue"] is not before["queue"]
