"""Reading recordings: the layout, what is left out, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pronoia.errors import ConfigError
from pronoia.series import LabelSet
from pronoia.storage.recording import Recording

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


@pytest.fixture
def two_machines(tmp_path: Path) -> Path:
    return write(
        tmp_path / "recording.parquet",
        timestamp=pa.array([2000, 1000, 1000, 3000, 2000], pa.int64()),
        instance=["a", "a", "b", "a", "b"],
        cpu=pa.array([0.2, 0.1, 0.6, None, 0.7], pa.float32()),
        memory=pa.array([20.0, 10.0, float("nan"), 30.0, 70.0], pa.float64()),
        label=pa.array([0, 0, 1, 0, 1], pa.int8()),
        is_test=pa.array([0, 0, 1, 0, 1], pa.int8()),
    )


def series_of(recording: Recording) -> dict[str, tuple[list[int], list[float]]]:
    return {str(labels): (times.tolist(), values.tolist()) for labels, times, values in recording.frame}


def test_numeric_columns_are_metrics_strings_are_labels_and_missing_values_are_no_samples(two_machines: Path) -> None:
    recording = Recording.load(two_machines)
    small = pytest.approx
    assert series_of(recording) == {
        'cpu{instance="a"}': ([1000, 2000], small([0.1, 0.2], rel=1e-6)),  # stored as float32
        'cpu{instance="b"}': ([1000, 2000], small([0.6, 0.7], rel=1e-6)),
        'memory{instance="a"}': ([1000, 2000, 3000], [10.0, 20.0, 30.0]),
        'memory{instance="b"}': ([2000], [70.0]),
    }
    recording.frame.check_order()
    assert recording.metrics == ("cpu", "memory")
    assert recording.step_ms == 1000


def test_metrics_and_label_values_can_be_selected(two_machines: Path) -> None:
    recording = Recording.load(two_machines, metrics=["memory"], only={"instance": ["a"]})
    assert recording.frame.labels == (LabelSet({"__name__": "memory", "instance": "a"}),)


def test_of_two_rows_for_one_instant_the_later_counts(tmp_path: Path) -> None:
    path = write(tmp_path / "r.parquet", timestamp=pa.array([1, 2, 2]), series=["x", "x", "x"], value=[1.0, 2.0, 3.0])
    assert series_of(Recording.load(path)) == {'value{series="x"}': ([1, 2], [1.0, 3.0])}


def test_a_folder_is_read_whole_but_for_its_events(tmp_path: Path) -> None:
    write(tmp_path / "one.parquet", timestamp=pa.array([1]), cluster=["g"], cpu=[0.5])
    write(tmp_path / "two.parquet", timestamp=pa.array([1]), pod=["p"], memory=pa.array([7], pa.int32()))
    write(tmp_path / "events.parquet", timestamp=pa.array([1]), pod=["p"], fault=["oom"])
    assert series_of(Recording.load(tmp_path)) == {
        'cpu{cluster="g"}': ([1], [0.5]),
        'memory{pod="p"}': ([1], [7.0]),
    }


def test_files_that_continue_each_other_are_joined(tmp_path: Path) -> None:
    parts = [
        write(tmp_path / f"{month}.parquet", timestamp=pa.array([month]), vm=["a"], cpu=[float(month)])
        for month in (2, 1)
    ]
    assert series_of(Recording.load(parts)) == {'cpu{vm="a"}': ([1, 2], [1.0, 2.0])}


def test_several_labels_absent_labels_and_none_at_all_make_the_right_sets(tmp_path: Path) -> None:
    labelled = write(
        tmp_path / "l.parquet",
        timestamp=pa.array([1, 1, 1, 1]),
        vm=pa.array(["a", "a", "b", None]),
        disk=pa.array(["x", "y", None, "x"]),
        used=[1.0, 2.0, 3.0, 4.0],
    )
    plain = write(tmp_path / "p.parquet", timestamp=pa.array([1, 2]), load=[1.0, 2.0])
    assert set(series_of(Recording.load([labelled, plain]))) == {
        'used{disk="x",vm="a"}',
        'used{disk="y",vm="a"}',
        'used{vm="b"}',
        'used{disk="x"}',
        "load",
    }


def test_unsorted_rows_of_many_series_come_out_in_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    order = rng.permutation(50 * 40)
    vm, step = order // 40, order % 40
    path = write(tmp_path / "r.parquet", timestamp=pa.array(step * 10), vm=[f"vm{i}" for i in vm], cpu=order * 1.0)
    frame = Recording.load(path).frame
    frame.check_order()
    assert (frame.n_series, frame.n_samples) == (50, 2000)
    for labels, times, values in frame:
        np.testing.assert_array_equal(values, int(labels["vm"][2:]) * 40 + times / 10)


def test_all_problems_of_all_files_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("not parquet")
    write(tmp_path / "no_time.parquet", cpu=[1.0])
    write(tmp_path / "float_time.parquet", timestamp=[1.0], cpu=[1.0])
    write(tmp_path / "no_metric.parquet", timestamp=pa.array([1]), vm=["a"], label=[1])
    write(tmp_path / "null_time.parquet", timestamp=pa.array([1, None]), cpu=[1.0, 2.0])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError) as caught:
        Recording.load([tmp_path, tmp_path / "empty", tmp_path / "absent"])
    told = {problem.path.rsplit("/", 1)[-1]: problem.problem for problem in caught.value.problems}
    assert told["text.parquet"].startswith("not a readable Parquet file")
    assert told["no_time.parquet"] == "no column 'timestamp' (int64, UTC milliseconds); it has cpu"
    assert told["float_time.parquet"] == "column 'timestamp' is double, int64 (UTC milliseconds) is needed"
    assert told["no_metric.parquet"] == "no numeric column that could be a metric; it has timestamp, vm, label"
    assert told["null_time.parquet"] == "1 rows have no timestamp"
    assert told["empty"] == "a folder without a recording (*.parquet)"
    assert told["absent"] == "no such file or folder"


def test_a_metric_or_label_that_is_not_there_is_named_with_those_that_are(two_machines: Path) -> None:
    with pytest.raises(ConfigError, match="no metric 'disk'; the recording has cpu, memory"):
        Recording.load(two_machines, metrics=["cpu", "disk"])
    with pytest.raises(ConfigError, match="no label vm; it has instance"):
        Recording.load(two_machines, only={"vm": ["a"]})
