"""Shared by all tests: which versions were tested, and in which order files run."""

from __future__ import annotations

import platform
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_END_TO_END = Path(__file__).with_name("e2e")

# How long an example takes depends on what else the machine does. Where CI is set, Hypothesis takes the same each time.
settings.register_profile("unhurried", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_report_header() -> str:
    libraries = ("numpy", "numba", "statsforecast", "prometheus-client", "pyarrow")
    return f"python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in libraries)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Whatever is left out of the run of all tests has to be in one of its own."""
    is_apart = any(item.get_closest_marker(name) for name in ("alone", "paced"))
    if is_apart and _END_TO_END not in item.path.parents:
        raise pytest.UsageError(f"{item.nodeid} is in no run of `make test`: alone and paced belong in tests/e2e")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of slow tests first, then those with real servers, then those of most tests.

    Beside what waits something computes, and nothing long is left for the end.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    served = {item.path for item in items if item.get_closest_marker("e2e")}
    n_tests = Counter(item.path for item in items)

    def turn(file: Path) -> tuple[bool, bool, int]:
        return file not in slow, file not in served, -n_tests[file]

    # Stable: tests of a file stay as they are, and files of one turn beside each other in the order of their names.
    items.sort(key=lambda item: (*turn(item.path), item.path))
