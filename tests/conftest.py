"""Shared by all tests: which versions were tested."""

from __future__ import annotations

import platform
from importlib.metadata import version


def pytest_report_header() -> str:
    libraries = ("numpy", "numba", "statsforecast", "prometheus-client", "pyarrow")
    return f"python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in libraries)
