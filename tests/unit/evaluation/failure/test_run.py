import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from pronoia.cli import main
from pronoia.errors import ConfigError
from pronoia.storage.recorded_events import load_events
from support.headroom import leak, plateau

N_SAMPLES = 200
START_MS = 1_700_000_000_000
LIMIT = 1e8


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Twelve small memory systems at 15 s: six leak into their limit, six warm up."""
    folder = tmp_path_factory.mktemp("recording")
    rows: dict[str, list] = {name: [] for name in ("timestamp", "instance", "used", "cpu")}
    events: dict[str, list] = {name: [] for name in ("timestamp", "instance", "failure")}
    for number in range(12):
        name, begins = f"m{number}", 40 + 5 * number
        if number % 2:
            values = plateau(N_SAMPLES, begins)
        else:
            values = leak(N_SAMPLES, begins, 0.012)
            failed = int(np.argmax(values >= 1.0))
            values[failed:] = 0.3
            events["timestamp"].append(START_MS + failed * 15_000)
            events["instance"].append(name)
            events["failure"].append("oom")
        rows["timestamp"] += [START_MS + i * 15_000 for i in range(N_SAMPLES)]
        rows["instance"] += [name] * N_SAMPLES
        rows["used"] += (values * LIMIT).tolist()
        rows["cpu"] += (np.arange(N_SAMPLES) * 0.7).tolist()
    parquet.write_table(pa.table(events), folder / "events.parquet")
    table = {
        "timestamp": rows["timestamp"],
        "instance": rows["instance"],
        "memory_working_set_bytes": rows["used"],
        "memory_limit_bytes": [LIMIT] * len(rows["used"]),
        "cpu_seconds_total": rows["cpu"],
    }
    parquet.write_table(pa.table(table), folder / "recording.parquet")
    return folder


def test_cross_validation_finds_the_leaks_beside_simple_rules(recording, tmp_path, capsys):
    out = tmp_path / "figures.json"
    assert main(["backtest", "failure", "--data", str(recording), "--folds", "3", "--json", str(out)]) == 0
    figures = json.loads(out.read_text())["oom"]
    assert (figures["systems"], figures["events"]) == (12, 6)
    recipes = {recipe["name"]: recipe for recipe in figures["recipes"]}
    assert recipes["always no"]["event_recall"] == 0.0
    model = recipes["model, best F1 before"]
    assert model["event_recall"] >= 0.5
    assert model["average_precision"] > recipes["always no"]["average_precision"]
    assert recipes["prior, best F1 before"]["brier"] is not None
    # Leaves time and comes not too early: no probability of the horizon, and not told of the trend.
    assert recipes["model in time, best F1 before"]["brier"] is None
    assert "trend in time, best F1 before" not in recipes
    low, high = model["event_recall_interval"]
    assert low <= model["event_recall"] <= high
    assert "predict_linear" in capsys.readouterr().out


def test_a_split_by_time_judges_the_newest_part(recording, capsys):
    assert main(["backtest", "failure", "--data", str(recording), "--train-share", "0.9"]) == 0
    assert "12 systems" in capsys.readouterr().out


def test_wrong_flags_are_named(recording, capsys):
    flags = ["--folds", "1", "--horizon", "soon", "--train-share", "2"]
    assert main(["backtest", "failure", "--data", str(recording), *flags]) != 0
    said = capsys.readouterr().err
    assert all(flag in said for flag in ("--folds", "--horizon", "--train-share"))


def test_a_folder_without_truth_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"events\.parquet"):
        load_events(tmp_path)
