"""`pronoia backtest forecast` reads recordings, prints a table and writes every figure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pronoia.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def recording(path: Path) -> Path:
    times = np.arange(0, 10 * 86_400_000, 900_000)
    noise = np.random.default_rng(1).normal(size=len(times))
    load = 5.0 + 3.0 * np.sin(2 * np.pi * times / 86_400_000) + 0.2 * noise
    pq.write_table(pa.table({"timestamp": times, "instance": ["a"] * len(times), "load": load}), path)
    return path


def test_a_table_is_printed_and_all_figures_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = recording(tmp_path / "wave.parquet"), tmp_path / "out.json"
    options = ["--step", "15m", "--model", "seasonal-naive", "--workers", "1", "--json", str(out)]
    assert main(["backtest", "forecast", "--data", str(data), *options]) == 0
    table = capsys.readouterr().out
    assert table.startswith("wave\n")
    assert "coverage at 15m" in table
    overall = json.loads(out.read_text())["wave"]["overall"]
    assert overall["n_series"] == 1
    assert overall["models"] == {"seasonal-naive": 12}
    assert set(overall) >= {"mase_to_seasonal_naive", "mase_to_persistence", "weighted_quantile_loss", "coverage"}


def test_all_that_is_wrong_with_the_flags_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--data", str(tmp_path / "none"), "--step", "5q", "--model", "etz", "--json", "/nowhere/out.json"]
    assert main(["backtest", "forecast", *options]) == 1
    told = capsys.readouterr().err
    assert "3 problems" in told
    assert "did you mean 'ets'" in told


def test_the_published_protocol_prints_tasks_and_a_ranking(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording(tmp_path / "ds-1-5T.parquet")
    rows = [
        f"ds-1-5T,{term},{model},1.0,1.0"
        for term in ("short", "medium", "long")
        for model in ("seasonalnaive", "giant")
    ]
    (tmp_path / "published.csv").write_text("\n".join(["set,term,model,MASE,CRPS", *rows]) + "\n")
    out = tmp_path / "figures.json"
    options = ["--protocol", "boom", "--history", "400", "--data", str(tmp_path), "--json", str(out)]
    assert main(["backtest", "forecast", *options]) == 0
    table = capsys.readouterr().out
    assert "ds-1-5T         medium" in table
    assert "pronoia ensemble" in table
    assert {score["term"] for score in json.loads(out.read_text())["ensemble"]} == {"short", "medium", "long"}


def test_a_folder_without_the_protocols_files_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for protocol, lacks in (("boom", "published.csv"), ("wide", "crane, clusters")):
        assert main(["backtest", "forecast", "--protocol", protocol, "--data", str(tmp_path)]) == 1
        assert lacks in capsys.readouterr().err


def test_no_history_at_all_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording(tmp_path / "ds-1-5T.parquet")
    (tmp_path / "published.csv").write_text("set,term,model,MASE,CRPS\n")
    assert main(["backtest", "forecast", "--protocol", "boom", "--history", "0", "--data", str(tmp_path)]) == 1
    assert "--history" in capsys.readouterr().err
