"""Tests with real servers: all on loopback, each with ports and folders of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.processes import Server, ServerMissing, find_binary

if TYPE_CHECKING:
    from collections.abc import Generator

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def real_servers() -> None:
    """Whatever needs Prometheus and its companions asks for this: it skips, or fails where they are required."""
    try:
        find_binary("prometheus")
        find_binary("promtool")
        find_binary("alertmanager", "prometheus-alertmanager")
        find_binary("node_exporter", "prometheus-node-exporter")
    except ServerMissing as error:
        if os.environ.get("PRONOIA_REQUIRE_SERVERS"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections += [(f"log of {server.name} ({server.log})", server.log_tail()) for server in Server.running]
    return report
