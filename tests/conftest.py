"""Shared by all tests: where their helpers are found, and which versions were tested."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from pathlib import Path

# The helpers in tests/support start servers and write samples for tests in more than one folder.
sys.path.insert(0, str(Path(__file__).parent))


def pytest_report_header() -> str:
    libraries = ("numpy", "numba", "statsforecast", "prometheus-client", "pyarrow")
    return f"python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in libraries)
