from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pronoia.cli import main
from pronoia.errors import ConfigError
from pronoia.storage.labelled import load_labelled

if TYPE_CHECKING:
    from pathlib import Path

N_STEPS = 1_500


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    columns: dict[str, list[object]] = {name: [] for name in ("timestamp", "instance", "a", "b", "label")}
    for instance in ("one", "two"):
        values, label = rng.normal(size=(N_STEPS, 2)), np.zeros(N_STEPS)
        label[1_200:1_230] = 1.0
        values[1_200:1_230, 0] += 25.0
        columns["timestamp"] += (300_000 * np.arange(N_STEPS)).tolist()
        columns["instance"] += [instance] * N_STEPS
        columns["a"] += values[:, 0].tolist()
        columns["b"] += values[:, 1].tolist()
        columns["label"] += label.tolist()
    path = tmp_path / "recording.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def test_the_command_tells_detectors_beside_simple_rules(recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    assert main(["backtest", "anomaly", "--data", str(recording), "--detectors", "ensemble", "--json", str(out)]) == 0
    figures = json.loads(out.read_text())
    assert list(figures) == ["3-sigma rule", "last-value rule", "ensemble"]
    assert figures["ensemble"]["event_recall"] == 1.0
    assert figures["ensemble"]["vus_pr"] > figures["last-value rule"]["vus_pr"]
    assert figures["ensemble"]["interval"][0] <= figures["ensemble"]["vus_pr"] <= figures["ensemble"]["interval"][1]


def test_a_system_is_split_where_its_history_ends(recording: Path) -> None:
    one, two = load_labelled(recording, 0.4)
    assert (one.name, two.name, one.metrics) == ("one", "two", ("a", "b"))
    assert one.train.shape == (600, 2)
    assert one.label.sum() == 30
    assert one.step_seconds == 300.0


def test_an_unknown_system_is_named(recording: Path) -> None:
    with pytest.raises(ConfigError, match="no three; there are one, two"):
        load_labelled(recording, 0.4, {"three"})
