"""Recordings: real metrics in Parquet files, one row per instant and label set.

The layout: a column `timestamp` (int64, UTC milliseconds), string columns (labels), numeric columns (metrics; the
column's name is the metric's name). Null and NaN mean "no sample". The numeric columns `label` and `is_test` are the
truth that goes with some recordings, not metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.series import LabelSet, SeriesFrame, merge_frames
from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

TIMESTAMP = "timestamp"
#: Columns that hold the truth about a recording, and are no metrics.
TRUTH_COLUMNS = frozenset({"label", "is_test"})
#: Files of a recording's folder that hold truth, and no metrics.
TRUTH_FILES = frozenset({"events.parquet"})


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A recording in memory.

    Args:
        source: where it was read from, for messages.
        frame: its series; `__name__` is the metric, series are ordered by metric, samples are never NaN.
    """

    source: str
    frame: SeriesFrame

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metric names, each once, in order of appearance."""
        return tuple(dict.fromkeys(labels.name for labels in self.frame.labels))

    @property
    def step_ms(self) -> int:
        """The usual distance of two samples of one series, in milliseconds; 0 if no series has two samples."""
        return median_step_ms(self.frame)

    @classmethod
    def demo(cls) -> Recording:
        """The recording that comes with the package: 17 series of clusters and workloads, 14 days at five minutes.

        >>> Recording.demo().metrics[:2]
        ('cluster_cpu_usage', 'cluster_cpu_utilization_ratio')
        """
        with resources.as_file(resources.files("pronoia") / "_data" / "demo.parquet") as path:
            return cls.load(path)

    @classmethod
    def load(
        cls,
        path: str | Path | Sequence[str | Path],
        *,
        metrics: Collection[str] | None = None,
        only: Mapping[str, Collection[str]] | None = None,
    ) -> Recording:
        """Read a recording; columns and rows that are not asked for cost nothing.

        Rows need not be sorted. Where two rows have the same labels and instant, the later row's sample counts.

        Args:
            path: a Parquet file, a folder of them (its `events.parquet` is truth and left out), or several of both.
            metrics: the metrics wanted; all by default.
            only: label name -> values wanted, e.g. `{"instance": ["vm1", "vm2"]}`; all by default. A value that does
                not occur matches no row.

        Raises:
            ConfigError: if a file is missing, is not Parquet, has not this layout, or lacks a metric or label
                that was asked for; all problems of all files together.
        """
        paths = [Path(path)] if isinstance(path, str | Path) else [Path(one) for one in path]
        source = ", ".join(str(one) for one in paths)
        files, problems = _parquet_files(paths)
        frames: list[SeriesFrame] = []
        available: set[str] = set()
        for file in files:
            try:
                layout = _Layout.of(file)
                available.update(layout.metrics)
                frames.extend(_read(file, layout, metrics, only or {}))
            except _WrongFile as error:
                problems.append(ConfigProblem(str(file), str(error)))
        missing = sorted(set(metrics or ()) - available)
        if missing and not problems:
            has = ", ".join(sorted(available))
            problems += [ConfigProblem("", f"no metric {name!r}; the recording has {has}") for name in missing]
        if problems:
            raise ConfigError(problems, source)
        return cls(source, merge_frames(frames))


def median_step_ms(frame: SeriesFrame) -> int:
    """The median distance of neighbouring samples over all series of a frame, in milliseconds; 0 if there is none."""
    if frame.n_samples < 2:
        return 0
    inside = np.ones(frame.n_samples - 1, dtype=bool)
    borders = frame.indptr[1:-1]
    inside[borders[(borders > 0) & (borders < frame.n_samples)] - 1] = False
    steps = np.diff(frame.timestamps_ms)[inside]
    return int(np.median(steps)) if len(steps) else 0


class _WrongFile(Exception):
    """A file that is no recording, and why."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns of one file, by what they mean."""

    labels: tuple[str, ...]
    metrics: tuple[str, ...]

    @classmethod
    def of(cls, file: Path) -> _Layout:
        try:
            schema: Any = pq.read_schema(file)
        except (OSError, pa.ArrowException) as error:
            raise _WrongFile(f"not a readable Parquet file: {error}") from error
        types = dict(zip(schema.names, schema.types, strict=True))
        if TIMESTAMP not in types:
            raise _WrongFile(f"no column {TIMESTAMP!r} (int64, UTC milliseconds); it has {', '.join(types)}")
        if types[TIMESTAMP] != pa.int64():
            raise _WrongFile(f"column {TIMESTAMP!r} is {types[TIMESTAMP]}, int64 (UTC milliseconds) is needed")
        labels = tuple(
            name for name, kind in types.items() if pa.types.is_string(kind) or pa.types.is_large_string(kind)
        )
        metrics = tuple(
            name
            for name, kind in types.items()
            if (pa.types.is_floating(kind) or pa.types.is_integer(kind)) and name not in {TIMESTAMP, *TRUTH_COLUMNS}
        )
        if not metrics:
            raise _WrongFile(f"no numeric column that could be a metric; it has {', '.join(types)}")
        return cls(labels, metrics)


def _parquet_files(paths: Sequence[Path]) -> tuple[list[Path], list[ConfigProblem]]:
    files: list[Path] = []
    problems: list[ConfigProblem] = []
    for path in paths:
        found = sorted(path.glob("*.parquet")) if path.is_dir() else [path] if path.is_file() else []
        found = [file for file in found if file.name not in TRUTH_FILES or file == path]
        files.extend(found)
        if not found:
            kind = "a folder without a recording (*.parquet)" if path.is_dir() else "no such file or folder"
            problems.append(ConfigProblem(str(path), kind))
    return files, problems


def _read(
    file: Path, layout: _Layout, metrics: Collection[str] | None, only: Mapping[str, Collection[str]]
) -> list[SeriesFrame]:
    """One frame per metric of the file that is wanted."""
    unknown = sorted(set(only) - set(layout.labels))
    if unknown:
        raise _WrongFile(f"no label {', '.join(unknown)}; it has {', '.join(layout.labels) or 'none'}")
    wanted = [name for name in layout.metrics if metrics is None or name in metrics]
    if not wanted:
        return []
    filters = [(name, "in", list(values)) for name, values in only.items()] or None
    try:
        table: Any = pq.read_table(file, columns=[TIMESTAMP, *layout.labels, *wanted], filters=filters)
    except (OSError, pa.ArrowException) as error:
        raise _WrongFile(f"cannot be read: {error}") from error
    if table[TIMESTAMP].null_count:
        raise _WrongFile(f"{table[TIMESTAMP].null_count} rows have no timestamp")
    owners, label_sets = _label_sets(table, layout.labels)
    timestamps_ms = table[TIMESTAMP].to_numpy()
    order = np.lexsort((timestamps_ms, owners))  # stable: of equal instants the later row comes last
    owners, timestamps_ms = owners[order], timestamps_ms[order]
    return [
        _metric_frame(name, table[name].to_numpy()[order].astype(np.float64), timestamps_ms, owners, label_sets)
        for name in wanted
    ]


def _label_sets(table: Any, names: Sequence[str]) -> tuple[NDArray[np.int64], list[dict[str, str]]]:
    """The number of each row's label set, int64 (n_rows,), and the label sets by number."""
    codes = np.zeros(table.num_rows, np.int64)
    values: list[list[str | None]] = []
    for name in names:
        column = table[name].combine_chunks().dictionary_encode(null_encoding="encode")
        values.append(column.dictionary.to_pylist())
        codes = codes * max(len(values[-1]), 1) + column.indices.to_numpy()
    distinct, owners = np.unique(codes, return_inverse=True)
    label_sets: list[dict[str, str]] = []
    for code in distinct.tolist():
        rest = code
        picked: dict[str, str] = {}
        for name, choices in reversed(list(zip(names, values, strict=True))):
            rest, choice = divmod(rest, max(len(choices), 1))
            picked[name] = choices[choice] or ""
        label_sets.append(picked)
    return owners.astype(np.int64), label_sets


def _metric_frame(
    name: str,
    values: NDArray[np.float64],
    timestamps_ms: NDArray[np.int64],
    owners: NDArray[np.int64],
    label_sets: Sequence[Mapping[str, str]],
) -> SeriesFrame:
    """The series of one metric from rows sorted by label set and time."""
    keep = ~np.isnan(values)
    values, timestamps_ms, owners = values[keep], timestamps_ms[keep], owners[keep]
    if len(values):
        last = np.append((timestamps_ms[1:] != timestamps_ms[:-1]) | (owners[1:] != owners[:-1]), True)
        values, timestamps_ms, owners = values[last], timestamps_ms[last], owners[last]
    indptr = np.zeros(len(label_sets) + 1, np.int64)
    np.cumsum(np.bincount(owners, minlength=len(label_sets)), out=indptr[1:])
    labels = tuple(LabelSet({**one, METRIC_NAME: name}) for one in label_sets)
    return SeriesFrame(labels, timestamps_ms, values, indptr).without_empty()
