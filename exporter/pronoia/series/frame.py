"""SeriesFrame: many series of unequal length in four columns."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from pronoia.series.labels import LabelSet
    from pronoia.series.timerange import TimeRange


@dataclass(frozen=True, slots=True, eq=False)
class SeriesFrame:
    """Samples of n_series series, series by series, as one would store a sparse matrix.

    Args:
        labels: n_series distinct label sets.
        timestamps_ms: int64 (n_samples,), UTC, strictly increasing inside each series.
        values: float64 (n_samples,), in the source's unit. Staleness markers stay in a frame that comes off the
            wire (`pronoia.series.staleness` tells them apart).
        indptr: int64 (n_series + 1,); series i owns samples `indptr[i]:indptr[i + 1]`.

    The arrays are made read-only. Order inside a series is the maker's promise; `check_order` verifies it.

    Raises:
        ValueError: if the shapes do not fit together.
    """

    labels: tuple[LabelSet, ...]
    timestamps_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    indptr: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.indptr.shape != (len(self.labels) + 1,):
            raise ValueError(f"indptr has shape {self.indptr.shape} for {len(self.labels)} series")
        if self.timestamps_ms.shape != self.values.shape or self.values.shape != (int(self.indptr[-1]),):
            raise ValueError(
                f"timestamps {self.timestamps_ms.shape} and values {self.values.shape} do not fit "
                f"indptr, which ends at {int(self.indptr[-1])}"
            )
        for array in (self.timestamps_ms, self.values, self.indptr):
            array.flags.writeable = False

    @classmethod
    def empty(cls) -> SeriesFrame:
        """A frame of no series."""
        return cls((), np.empty(0, np.int64), np.empty(0, np.float64), np.zeros(1, np.int64))

    @classmethod
    def from_series(cls, series: Mapping[LabelSet, tuple[ArrayLike, ArrayLike]]) -> SeriesFrame:
        """Build from label set -> (timestamps_ms, values); the samples are copied."""
        columns = [
            (np.asarray(times, dtype=np.int64), np.asarray(values, dtype=np.float64))
            for times, values in series.values()
        ]
        indptr = np.zeros(len(columns) + 1, np.int64)
        np.cumsum([len(times) for times, _ in columns], out=indptr[1:])
        return cls(
            tuple(series),
            np.concatenate([times for times, _ in columns]) if columns else np.empty(0, np.int64),
            np.concatenate([values for _, values in columns]) if columns else np.empty(0, np.float64),
            indptr,
        )

    @property
    def n_series(self) -> int:
        """Number of series."""
        return len(self.labels)

    @property
    def n_samples(self) -> int:
        """Number of samples over all series."""
        return len(self.values)

    def __len__(self) -> int:
        return self.n_series

    def __iter__(self) -> Iterator[tuple[LabelSet, NDArray[np.int64], NDArray[np.float64]]]:
        """Yield (labels, timestamps_ms, values) per series; the arrays are views."""
        bounds = self.indptr.tolist()
        for i, labels in enumerate(self.labels):
            span = slice(bounds[i], bounds[i + 1])
            yield labels, self.timestamps_ms[span], self.values[span]

    def __repr__(self) -> str:
        return f"SeriesFrame(n_series={self.n_series}, n_samples={self.n_samples})"

    def series_index(self) -> NDArray[np.int64]:
        """Series number of every sample, int64 (n_samples,)."""
        return np.repeat(np.arange(self.n_series, dtype=np.int64), np.diff(self.indptr))

    def check_order(self) -> None:
        """Verify that timestamps increase strictly inside each series.

        Raises:
            ValueError: naming the first series that breaks the promise.
        """
        if self.n_samples < 2:
            return
        rising = np.diff(self.timestamps_ms) > 0
        starts = self.indptr[1:-1]
        rising[starts[(starts > 0) & (starts < self.n_samples)] - 1] = True
        if not rising.all():
            bad = int(np.searchsorted(self.indptr, int(np.argmin(rising)), side="right")) - 1
            raise ValueError(f"timestamps of {self.labels[bad]} do not increase strictly")

    def keep_samples(self, mask: NDArray[np.bool_]) -> SeriesFrame:
        """The samples where `mask` (n_samples,) is true; every series stays, some perhaps empty."""
        kept_before = np.zeros(self.n_samples + 1, np.int64)
        np.cumsum(mask, out=kept_before[1:])
        return SeriesFrame(self.labels, self.timestamps_ms[mask], self.values[mask], kept_before[self.indptr])

    def take(self, series: Sequence[int] | NDArray[np.int64]) -> SeriesFrame:
        """The series with these numbers, in this order."""
        spans = [(int(self.indptr[i]), int(self.indptr[i + 1])) for i in series]
        indptr = np.zeros(len(spans) + 1, np.int64)
        np.cumsum([end - start for start, end in spans], out=indptr[1:])
        pick = [slice(start, end) for start, end in spans]
        return SeriesFrame(
            tuple(self.labels[i] for i in series),
            np.concatenate([self.timestamps_ms[p] for p in pick]) if pick else np.empty(0, np.int64),
            np.concatenate([self.values[p] for p in pick]) if pick else np.empty(0, np.float64),
            indptr,
        )

    def without_empty(self) -> SeriesFrame:
        """The frame less the series that hold no sample."""
        filled = np.flatnonzero(np.diff(self.indptr))
        if len(filled) == self.n_series:
            return self
        indptr = np.append(self.indptr[filled], self.indptr[-1])
        return SeriesFrame(tuple(self.labels[i] for i in filled), self.timestamps_ms, self.values, indptr)

    def within(self, time_range: TimeRange) -> SeriesFrame:
        """Samples inside the range, both ends included; series left empty are dropped."""
        inside = (self.timestamps_ms >= time_range.start_ms) & (self.timestamps_ms <= time_range.end_ms)
        if inside.all():
            return self.without_empty()
        return self.keep_samples(inside).without_empty()


def merge_frames(frames: Sequence[SeriesFrame]) -> SeriesFrame:
    """Join frames series by series; where two frames hold the same instant, the later frame's sample wins.

    Frames that follow each other in time (slices of one range) cost a copy; overlapping ones a sort per series.
    """
    frames = [frame for frame in frames if frame.n_series]
    if not frames:
        return SeriesFrame.empty()
    if len(frames) == 1:
        return frames[0]
    if _follow_each_other(frames):
        return _appended(frames)
    parts: dict[LabelSet, list[tuple[NDArray[np.int64], NDArray[np.float64]]]] = {}
    for frame in frames:
        for labels, times, values in frame:
            parts.setdefault(labels, []).append((times, values))
    return SeriesFrame.from_series({labels: _join(pieces) for labels, pieces in parts.items()})


def _follow_each_other(frames: Sequence[SeriesFrame]) -> bool:
    filled = [frame.timestamps_ms for frame in frames if frame.n_samples]
    return all(before.max() < after.min() for before, after in itertools.pairwise(filled))


def _appended(frames: Sequence[SeriesFrame]) -> SeriesFrame:
    """Frames one after the other, written straight to their places: no loop over series but for their labels."""
    row: dict[LabelSet, int] = {}
    rows = [np.array([row.setdefault(labels, len(row)) for labels in frame.labels], np.int64) for frame in frames]
    indptr = np.zeros(len(row) + 1, np.int64)
    for numbers, frame in zip(rows, frames, strict=True):
        indptr[numbers + 1] += np.diff(frame.indptr)
    np.cumsum(indptr, out=indptr)
    times, values = np.empty(indptr[-1], np.int64), np.empty(indptr[-1], np.float64)
    free = indptr[:-1].copy()
    for numbers, frame in zip(rows, frames, strict=True):
        n_samples = np.diff(frame.indptr)
        place = np.repeat(free[numbers] - frame.indptr[:-1], n_samples)
        place += np.arange(frame.n_samples)
        times[place], values[place] = frame.timestamps_ms, frame.values
        free[numbers] += n_samples
    return SeriesFrame(tuple(row), times, values, indptr)


def _join(
    pieces: list[tuple[NDArray[np.int64], NDArray[np.float64]]],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    pieces = [piece for piece in pieces if len(piece[0])] or pieces[:1]
    if len(pieces) == 1:
        return pieces[0]
    times = np.concatenate([piece[0] for piece in pieces])
    values = np.concatenate([piece[1] for piece in pieces])
    if all(before[0][-1] < after[0][0] for before, after in itertools.pairwise(pieces)):
        return times, values
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    last = np.append(times[1:] != times[:-1], True)
    return times[last], values[last]
