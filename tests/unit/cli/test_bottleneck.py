import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pronoia.cli import main
from support.loads import SLOT_MS, START_MS, made_up_load


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    history = made_up_load(16)
    rows, slots = np.nonzero(np.isfinite(history.load))
    table = pa.table(
        {
            "timestamp": START_MS + slots.astype(np.int64) * SLOT_MS,
            "instance": [f"m{row}" for row in rows.tolist()],
            "cpu_utilization_ratio": history.load[rows, slots].astype(np.float64),
        }
    )
    path = tmp_path_factory.mktemp("recording") / "recording.parquet"
    pq.write_table(table, path)
    return path


UNTIL = ("--train-until", "2025-10-23", "--calibrate-until", "2025-10-26")


def test_a_recording_is_judged_and_the_model_kept_and_scored_again(recording, tmp_path, capsys):
    model, figures = tmp_path / "risk.npz", tmp_path / "figures.json"
    fitted = main(
        [
            "backtest", "bottleneck", "--data", str(recording), *UNTIL, "--members", "trees,hazard",
            "--blend", "0.6,0.4", "--save-model", str(model), "--json", str(figures),
        ]
    )  # fmt: skip
    printed = capsys.readouterr().out
    assert fitted == 0
    for recipe in ("same window, 3 of 7 days", "trees alone", "hazard alone", "model, best F1 before"):
        assert recipe in printed
    first = json.loads(figures.read_text())
    assert set(first["targets"]) == {"state", "onset"}
    again = main(
        ["backtest", "bottleneck", "--data", str(recording), *UNTIL, "--model", str(model), "--json", str(figures)]
    )
    assert again == 0
    assert json.loads(figures.read_text())["targets"] == first["targets"]


def test_every_wrong_flag_is_named_at_once(recording, capsys):
    status = main(
        [
            "backtest", "bottleneck", "--data", str(recording), "--train-until", "soon", "--load", "sqr(x)",
            "--slot", "five", "--threshold", "0", "--json", "/nowhere/at/all.json", "--blend", "much",
        ]
    )  # fmt: skip
    error = capsys.readouterr().err
    assert status != 0
    for flag in ("--train-until", "--load", "--slot", "--threshold", "--json", "--blend"):
        assert flag in error


def test_a_metric_that_is_not_there_is_named(recording, capsys):
    assert main(["backtest", "bottleneck", "--data", str(recording), *UNTIL, "--load", "memory / limit"]) != 0
    assert "no metric limit, memory" in capsys.readouterr().err


def test_a_file_that_holds_no_model_is_refused(recording, tmp_path, capsys):
    wrong = tmp_path / "wrong.npz"
    wrong.write_bytes(b"PK\x03\x04 not one")
    assert main(["backtest", "bottleneck", "--data", str(recording), *UNTIL, "--model", str(wrong)]) != 0
    assert "holds no fitted risks" in capsys.readouterr().err


def test_the_shipped_classifiers_are_scored_within_each_horizon(recording, tmp_path, capsys):
    figures = tmp_path / "figures.json"
    flags = ["--data", str(recording), *UNTIL, "--json", str(figures)]
    assert main(["backtest", "bottleneck", *flags, "--horizons", "prior"]) == 0
    assert "PR-AUC" in capsys.readouterr().out
    scores = json.loads(figures.read_text())
    assert [(each["target"], each["slots"]) for each in scores] == [
        (target, slots) for target in ("state", "onset") for slots in (3, 6, 12, 48)
    ]
    state = scores[1]
    assert state["average_precision"] > state["current_value"]
    assert state["n_positives"] == round(state["happened"] * state["n_rows"])


def test_horizons_of_a_file_that_is_no_model_are_refused(recording, capsys):
    assert main(["backtest", "bottleneck", "--data", str(recording), *UNTIL, "--horizons", str(recording)]) != 0
    assert "--horizons" in capsys.readouterr().err


@pytest.mark.parametrize("members", ["lstm,trees", "trees,trees", "trees,oracle", ""])
def test_members_that_there_are_not_are_refused(recording, capsys, members):
    assert main(["backtest", "bottleneck", "--data", str(recording), *UNTIL, "--members", members]) != 0
    assert "--members: " in capsys.readouterr().err


def test_without_torch_trees_speak_alone_and_it_is_said(recording, capsys, monkeypatch):
    plans = []
    monkeypatch.setattr("pronoia.models.bottleneck.members.has_torch", lambda: False)
    monkeypatch.setattr(
        "pronoia.cli.bottleneck.run_bottleneck_backtest", lambda history, plan, *_: plans.append(plan) or ([], {})
    )
    assert main(["backtest", "bottleneck", "--data", str(recording), *UNTIL, "--blend", "0.7,0.3"]) == 0
    assert "lstm: torch is not installed" in capsys.readouterr().err
    assert plans[0].members == ("trees",)
    assert plans[0].blend == (0.7,)
