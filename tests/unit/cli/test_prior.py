from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pronoia.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def train(*flags: str) -> int:
    return main(["prior", "train", *flags])


def test_without_torch_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert train("--data", str(tmp_path), "--out", str(tmp_path / "prior.bin")) == 1
    assert "PyTorch is needed: pip install 'pronoia[neural]'" in capsys.readouterr().err


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing"
    assert train("--data", str(missing), str(tmp_path), "--out", str(missing / "prior.bin"), "--steps", "0") == 1
    told = capsys.readouterr().err
    assert f"--data: {missing} is not a directory" in told
    assert f"--out: {missing} is not a directory that can be written to" in told
    assert "--steps: at least 1 is needed, got 0" in told


def test_folders_without_series_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    assert train("--data", str(tmp_path), "--out", str(tmp_path / "prior.bin")) == 1
    assert "no series that moves and is long enough" in capsys.readouterr().err
    assert not (tmp_path / "prior.bin").exists()


def test_wrong_places_for_the_classifiers_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing"
    assert main(["prior", "train-bottleneck", "--data", str(missing), "--out", str(missing / "b.bin")]) == 1
    told = capsys.readouterr().err
    assert f"--data: {missing} is not a directory" in told
    assert f"--out: {missing} is not a directory that can be written to" in told


def test_folders_without_loads_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prior", "train-bottleneck", "--data", str(tmp_path), "--out", str(tmp_path / "b.bin")]) == 1
    assert "no series of four days that is never negative" in capsys.readouterr().err
