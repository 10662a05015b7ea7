"""Range vectors: for each series and instant, the samples inside a window of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.rows import by_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.series.frame import SeriesFrame
    from pronoia.series.labels import LabelSet


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """A range vector at n_steps instants: sample `first[i, t]` up to, not including, `last[i, t]` of the columns.

    Args:
        labels: n_series label sets.
        timestamps_ms: int64 (n_samples,), all series one after the other.
        values: float64 (n_samples,), without staleness markers.
        first: int64 (n_series, n_steps), index of each window's first sample.
        last: int64 (n_series, n_steps), one past its last sample; equal to `first` for an empty window.
        times_ms: int64 (n_steps,), the instants of evaluation.
        ends_ms: int64 (n_steps,), where the windows end: the instants, less the offset, or what `@` fixes.
        range_ms: length of the windows.
    """

    labels: tuple[LabelSet, ...]
    timestamps_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    times_ms: NDArray[np.int64]
    ends_ms: NDArray[np.int64]
    range_ms: int


def windows_over(
    frame: SeriesFrame, times_ms: NDArray[np.int64], ends_ms: NDArray[np.int64], range_ms: int, *, left_open: bool
) -> Windows:
    """The windows of length `range_ms` that end at `ends_ms` (ascending), one for each instant of `times_ms`.

    Args:
        frame: n_series ragged series without staleness markers.
        times_ms: int64 (n_steps,).
        ends_ms: int64 (n_steps,), never falling.
        range_ms: length.
        left_open: leave out a sample exactly at the left end.
    """
    shape = (frame.n_series, len(ends_ms))
    first, last = np.empty(shape, np.int64), np.empty(shape, np.int64)
    # Smallest timestamp inside each window.
    starts_ms = ends_ms - range_ms + (1 if left_open else 0)

    def find(rows: slice) -> None:
        indptr = frame.indptr[rows.start : rows.stop + 1]
        _bounds(frame.timestamps_ms, indptr, starts_ms, ends_ms, first[rows], last[rows])

    by_rows(*shape, find)
    return Windows(frame.labels, frame.timestamps_ms, frame.values, first, last, times_ms, ends_ms, range_ms)


@compiled
def _bounds(
    timestamps_ms: NDArray[np.int64],
    indptr: NDArray[np.int64],
    starts_ms: NDArray[np.int64],
    ends_ms: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
) -> None:
    for i in range(len(indptr) - 1):
        low = high = indptr[i]
        end = indptr[i + 1]
        for t in range(len(ends_ms)):
            while low < end and timestamps_ms[low] < starts_ms[t]:
                low += 1
            while high < end and timestamps_ms[high] <= ends_ms[t]:
                high += 1
            first[i, t] = low
            last[i, t] = max(low, high)
