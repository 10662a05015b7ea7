"""docker/systemd/pronoia.service by systemd's own tool, which needs no systemd that runs."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.container_files import DOCKER

if TYPE_CHECKING:
    from pathlib import Path

UNIT = DOCKER / "systemd" / "pronoia.service"
#: systemd's score of what a service may still do, from 0 (little) to 100 (all).
MOST_EXPOSURE = 25


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that is there: the tool looks for it."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed; `apt-get install systemd` brings it")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/pronoia/bin/pronoia", sys.executable))
    return unit


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


def test_systemd_accepts_the_unit(unit: Path) -> None:
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(unit))
    assert done.returncode == 0, done.stderr
    assert UNIT.name not in done.stderr


def test_systemd_finds_what_is_wrong(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("Restart=on-failure", "Restart=sometimes"))
    assert UNIT.name in analyze("verify", "--man=no", "--recursive-errors=no", str(unit)).stderr


def test_the_service_may_do_little(unit: Path) -> None:
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSURE}", "--no-pager", str(unit))
    assert done.returncode == 0, done.stdout + done.stderr


def test_numba_may_compile_and_a_hangup_reloads() -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT)
    service = parser["Service"]
    assert "MemoryDenyWriteExecute" not in service
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert service["StateDirectory"] == "pronoia"
    assert re.search(r"--storage\.path=%S/pronoia$", service["ExecStart"])
