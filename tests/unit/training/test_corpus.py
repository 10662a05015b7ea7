from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pronoia.evaluation.benchmark.wide import held_apart
from pronoia.evaluation.sample import system_of
from pronoia.storage.recording import Recording
from pronoia.training.corpus import load_corpus

if TYPE_CHECKING:
    from pathlib import Path

N_STEPS = 200
MACHINES = [f"m{i}" for i in range(7)]


def folder_of(tmp_path: Path) -> Path:
    folder = tmp_path / "farm"
    folder.mkdir()
    rng = np.random.default_rng(0)
    times = np.tile(1_700_000_000_000 + 60_000 * np.arange(N_STEPS), len(MACHINES))
    # The value says whose it is; one metric stands still, which teaches nothing.
    load = np.repeat(np.arange(len(MACHINES)) * 100.0, N_STEPS) + rng.random(len(times))
    columns = {
        "timestamp": times,
        "machine": np.repeat(MACHINES, N_STEPS),
        "load": load,
        "limit": np.full(len(times), 9.0),
    }
    pq.write_table(pa.table(columns), folder / "recording.parquet")
    pq.write_table(pa.table({"timestamp": times[:1], "event": ["none"]}), folder / "events.parquet")
    return folder


def machines_of(folder: Path, *, apart: bool) -> set[int]:
    return {round(series.values[0]) // 100 for series in load_corpus([folder], held_apart=apart)}


def test_every_machine_either_teaches_or_judges(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    teach, judge = machines_of(folder, apart=False), machines_of(folder, apart=True)
    assert teach | judge == set(range(len(MACHINES)))
    assert not teach & judge


def test_those_that_judge_are_the_benchs(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    frame = Recording.load(folder / "recording.parquet").frame
    apart = held_apart(frame)
    expected = {
        MACHINES.index(dict(system_of(labels).pairs)["machine"])
        for labels in frame.labels
        if system_of(labels) in apart
    }
    assert machines_of(folder, apart=True) == expected


def test_a_series_keeps_its_step_and_source(tmp_path: Path) -> None:
    series = next(iter(load_corpus([folder_of(tmp_path)])))
    assert (series.source, series.step_seconds, len(series.values)) == ("farm", 60.0, N_STEPS)


def test_gaps_are_filled_with_the_value_before(tmp_path: Path) -> None:
    folder = tmp_path / "gaps"
    folder.mkdir()
    values = np.arange(300.0)
    values[100:110] = np.nan
    columns = {"timestamp": 1_700_000_000_000 + 60_000 * np.arange(300), "machine": ["a"] * 300, "load": values}
    pq.write_table(pa.table(columns), folder / "recording.parquet")
    (series,) = load_corpus([folder], held_apart=True)
    np.testing.assert_array_equal(series.values[98:112], [98.0] + [99.0] * 11 + [110.0, 111.0])
