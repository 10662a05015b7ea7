"""History: a frame in two parts, so that what came last can be renewed without touching the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.series.frame import SeriesFrame, merge_frames
from pronoia.series.timerange import NEVER_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.series.labels import LabelSet


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """The samples of a window: a large older part that changes now and then, and a small newer one.

    Args:
        newer: n_series series; holds every series, some perhaps without a sample.
        older: series in an order of its own, among them some that are no part of the history any more; all its samples
            lie before those of `newer`.
        older_row: int64 (n_series,), where each series stands in `older`; -1 where it does not.
        start_ms: samples of `older` before this instant are no part of the history.
    """

    newer: SeriesFrame
    older: SeriesFrame
    older_row: NDArray[np.int64]
    start_ms: int

    def __post_init__(self) -> None:
        if self.older_row.shape != (self.newer.n_series,):
            raise ValueError(f"older_row has shape {self.older_row.shape} for {self.newer.n_series} series")
        self.older_row.flags.writeable = False

    @classmethod
    def of(cls, frame: SeriesFrame) -> History:
        """A history whose newer part is all of it."""
        return cls(frame, SeriesFrame.empty(), np.full(frame.n_series, -1, np.int64), NEVER_MS)

    @property
    def labels(self) -> tuple[LabelSet, ...]:
        """n_series distinct label sets."""
        return self.newer.labels

    @property
    def n_series(self) -> int:
        """Number of series."""
        return self.newer.n_series

    @property
    def n_bytes(self) -> int:
        """What the samples take in memory, those that are no part of the history any more included."""
        return sum(array.nbytes for part in (self.newer, self.older) for array in (part.timestamps_ms, part.values))

    def older_spans(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where each series' samples begin and end in `older`, two int64 (n_series,), equal where there is none.

        They begin at the first sample that is not before `start_ms`.
        """
        from pronoia.series.spans import first_since

        there = self.older_row >= 0
        indptr = self.older.indptr
        rows = np.where(there, self.older_row, 0)
        begins = np.where(there, indptr[rows], 0)
        ends = np.where(there, indptr[np.minimum(rows + 1, len(indptr) - 1)], 0)
        return first_since(self.older.timestamps_ms, begins, ends, self.start_ms), ends

    def first_sample_ms(self) -> NDArray[np.int64]:
        """When each series' first sample was, int64 (n_series,); the end of time for those that have none."""
        last = np.iinfo(np.int64).max
        begins, ends = self.older_spans()
        newer_begins, newer_ends = self.newer.indptr[:-1], self.newer.indptr[1:]
        older, newer = np.append(self.older.timestamps_ms, last), np.append(self.newer.timestamps_ms, last)
        first_newer = np.where(newer_begins < newer_ends, newer[newer_begins], last)
        return np.where(begins < ends, older[begins], first_newer)

    def settled(self, step_ms: int, dense_from_ms: int, cut_ms: int) -> History:
        """The same less what is to be thinned, with all samples before `cut_ms` in the older part: a copy of both.

        Args:
            step_ms: of the samples in each step, the last is kept; steps end at multiples of it, as those of `thin`.
            dense_from_ms: samples at or after this instant are all kept.
            cut_ms: just after the end of a step, and after all samples of the older part.

        Raises:
            ValueError: if the cut would part a step.
        """
        from pronoia.series.spans import keep, splice

        if cut_ms % step_ms != 1 % step_ms:
            raise ValueError(f"a cut at {cut_ms} ms would part a step of {step_ms} ms")
        times = self.newer.timestamps_ms
        kept = keep(times, self.newer.indptr[:-1], self.newer.indptr[1:], step_ms, dense_from_ms)
        moved = self.newer.keep_samples(kept & (times < cut_ms))
        begins, ends = self.older_spans()
        if (begins < ends).any():
            older = splice(
                (self.older.timestamps_ms, self.older.values, begins, ends),
                (moved.timestamps_ms, moved.values, moved.indptr[:-1], moved.indptr[1:]),
                self.start_ms,
                NEVER_MS,
                cut_ms,
            )
            moved = SeriesFrame(self.labels, *older)
        newer = self.newer.keep_samples(kept & (times >= cut_ms))
        # What was before the start is gone.
        return History(newer, moved, np.arange(self.n_series), NEVER_MS)

    def take(self, series: NDArray[np.int64]) -> History:
        """The series with these numbers, in this order; the older part is shared."""
        return History(self.newer.take(series), self.older, self.older_row[series], self.start_ms)

    def joined(self) -> SeriesFrame:
        """Both parts as one frame: a copy."""
        spans = [slice(begin, end) for begin, end in np.stack(self.older_spans(), axis=1).tolist()]
        if not spans:
            return SeriesFrame.empty()
        indptr = np.zeros(len(spans) + 1, np.int64)
        np.cumsum([span.stop - span.start for span in spans], out=indptr[1:])
        times, values = (
            np.concatenate([column[span] for span in spans]) for column in (self.older.timestamps_ms, self.older.values)
        )
        return merge_frames([SeriesFrame(self.labels, times, values, indptr), self.newer])
