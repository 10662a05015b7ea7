"""The page about forecasting: its example of a package works as it stands, and its model names are those there are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from pronoia.models.catalogue import AUTO, CANDIDATES, member_names
from pronoia.models.forecast.ensemble.registry import MEMBERS
from support.plugin import install_plugin

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "forecasting.md").read_text(encoding="utf-8")

FIT = """
import numpy as np
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import AlignedFrame, Grid, LabelSet

values = np.random.default_rng(0).normal(size=(1, 24 * 21))
history = AlignedFrame((LabelSet({"a": "b"}),), Grid.ending_at(1_700_000_000_000, 3_600_000, 24 * 21), values)
fitted = fit_forecasts(history, ForecastSettings(3_600_000, 24, model="last-week"))
np.testing.assert_allclose(fitted.curves[0], values[0, -24 * 7 - 1 : -24 * 6], rtol=1e-9)
print(*fitted.models)
"""


def block(language: str, first_line: str) -> str:
    """The page's code block that begins with this line."""
    (text,) = re.findall(rf"```{language}\n({re.escape(first_line)}\n.*?)```", PAGE, re.DOTALL)
    return str(text)


def test_the_example_of_a_package_is_accepted_and_forecasts(tmp_path: Path) -> None:
    project = tomllib.loads(block("toml", "# pyproject.toml"))["project"]
    points = project["entry-points"]["pronoia.forecasters"]
    install_plugin(
        tmp_path,
        package=project["name"],
        version=project["version"],
        entry_points=points,
        source=block("python", "# last_week.py"),
        module="last_week",
    )
    config = tmp_path / "pronoia.yml"
    config.write_text(block("yaml", "# pronoia.yml"), encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT / "exporter"), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path}

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    assert "is valid" in run("-m", "pronoia", "check", str(config))
    assert run("-c", FIT).split() == ["last-week"]


def test_the_page_names_every_model_and_every_member() -> None:
    models = PAGE.split("\n## Models")[1].split("\n### ")[0]
    for name in [AUTO, *member_names()]:
        assert f"`{name}`" in models
    row = next(line for line in models.splitlines() if line.startswith("| `auto` |"))
    assert [name for name in re.findall(r"`([\w-]+)`", row) if name != AUTO] == list(CANDIDATES)
    ensemble = PAGE.split("\n### The ensemble")[1].split("\n### ")[0]
    assert re.findall(r"^\| `([\w-]+)` \|", ensemble, re.MULTILINE) == [member.name for member in MEMBERS]
