"""`pronoia rules render` and `pronoia alertmanager render` say what cannot come of a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_configuration_of_which_no_rules_come_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pronoia.yml"
    file.write_text("presets: [node-exporter]\n")
    assert main(["rules", "render", f"--config.file={file}"]) == 0
    assert (
        "no rules come of it: alerts.rules is empty, and no query of the file has thresholds" in capsys.readouterr().err
    )
    file.write_text("queries: [{name: load, expr: load, thresholds: [4]}]\n")
    assert main(["rules", "render", f"--config.file={file}"]) == 0
    assert capsys.readouterr().err == ""


def test_an_alertmanager_that_could_not_read_it_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pronoia.yml"
    file.write_text("presets: [node-exporter]\n")
    render = ["alertmanager", "render", f"--config.file={file}", "--alertmanager.version"]
    assert main([*render, "0.24.1"]) == 1
    assert "--alertmanager.version: what is rendered needs 0.25 or later, got '0.24.1'" in capsys.readouterr().err
    assert main([*render, "v0.25.0"]) == 0
