"""What a process loads is what it needs: the web comes without the libraries that fit models."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Not scipy: numba, which decodes remote-read, loads it where it is installed.
FITTING = ("torch", "statsforecast", "pandas", "sklearn", "xgboost")
CODE = """
import importlib, sys
for name in {names!r}:
    importlib.import_module(name)
print(*sorted(set(sys.modules) & set({unwanted!r})))
"""


@pytest.mark.parametrize(
    ("names", "unwanted"),
    [
        (("pronoia.web.app", "pronoia.web.server", "pronoia.web.replay_api"), FITTING),
        (("pronoia.exposition.predictions", "pronoia.exposition.telemetry"), (*FITTING, "flask", "numba")),
        (("pronoia.series", "pronoia.predictions.snapshot"), (*FITTING, "flask", "numba", "prometheus_client", "yaml")),
        # It runs inside other people's programs.
        (("pronoia.agent",), (*FITTING, "flask", "numba", "numpy", "scipy", "pydantic", "yaml", "requests")),
    ],
)
def test_importing_it_loads_nothing_heavier(names: tuple[str, ...], unwanted: tuple[str, ...]) -> None:
    code = CODE.format(names=names, unwanted=unwanted)
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert loaded.stdout.split() == []
