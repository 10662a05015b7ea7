"""From a decoding pass to a frame: labels, joining of what belongs together, order."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from pronoia.remote_read import fault
from pronoia.remote_read.labels import LabelReader
from pronoia.remote_read.walk import (
    FALLS,
    LABELS_END,
    LABELS_START,
    N_ENTRIES,
    N_HISTOGRAMS,
    N_SAMPLES,
    SAMPLES_END,
    Walk,
    falls,
)
from pronoia.series import SeriesFrame

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pronoia.remote_read.histograms import HistogramListener
    from pronoia.remote_read.limits import ReadLimits
    from pronoia.series import LabelSet, TimeRange


def count_then_decode(
    walk_all: Callable[[Walk], object],
    buf: NDArray[np.uint8],
    time_range: TimeRange,
    limits: ReadLimits,
    on_histograms: HistogramListener,
) -> SeriesFrame:
    """Walk a body twice: to count what it holds and, if that is within the limits, to decode it into arrays that fit.

    Args:
        walk_all: one pass over the whole body, counting or decoding as the walk's arrays say.
        buf: the body that `walk_all` goes over.
        time_range: samples outside are dropped.
        limits: checked between the passes, before memory is taken.
        on_histograms: told how many histogram samples were passed over, if any were.

    Raises:
        ResponseTooLarge: if a declared or counted size passes a limit.
        UnsupportedChunkEncoding: if a chunk's encoding is unknown.
        DecodeError: if the bytes are not what the wire format says.
    """
    counted = Walk.over(time_range)
    walk_all(counted)
    fault.check(counted, limits.max_frame_bytes)
    n_entries, n_samples = int(counted.progress[N_ENTRIES]), int(counted.progress[N_SAMPLES])
    limits.check_counts(n_entries, n_samples)
    if n_entries == 0:
        return SeriesFrame.empty()
    decoded = Walk.over(time_range, n_entries, n_samples)
    walk_all(decoded)
    fault.check(decoded)
    return assemble(buf, decoded, on_histograms)


def assemble(buf: NDArray[np.uint8], walk: Walk, on_histograms: HistogramListener) -> SeriesFrame:
    """Join entries of equal labels in body order, sort and deduplicate where needed, leave out empty series.

    Args:
        buf: the body that was walked.
        walk: the pass; its arrays are taken over.
        on_histograms: told how many histogram samples were passed over, if any were.

    Raises:
        DecodeError: if labels are not what the wire format says.
    """
    if walk.progress[N_HISTOGRAMS]:
        on_histograms(int(walk.progress[N_HISTOGRAMS]))
    n_samples = int(walk.progress[N_SAMPLES])
    timestamps_ms, values = walk.timestamps_ms[:n_samples], walk.value_bits[:n_samples].view(np.float64)
    if 2 * n_samples < len(walk.timestamps_ms):
        # Mostly outside the range: do not keep the whole allocation alive for the little that is left.
        timestamps_ms, values = timestamps_ms.copy(), values.copy()
    indptr = np.zeros(len(walk.entries) + 1, np.int64)
    indptr[1:] = walk.entries[:, SAMPLES_END]
    reader = LabelReader(buf)
    labels = [reader.read(start, end) for start, end in walk.entries[:, [LABELS_START, LABELS_END]].tolist()]
    series = list(dict.fromkeys(labels))
    joined = len(series) < len(labels)
    if joined:
        indptr, timestamps_ms, values = _gather(labels, series, indptr, timestamps_ms, values)
    if joined or walk.entries[:, FALLS].any():
        indptr, timestamps_ms, values = _settle(indptr, timestamps_ms, values)
    return SeriesFrame(tuple(series), timestamps_ms, values, indptr).without_empty()


def _gather(
    labels: list[LabelSet],
    series: list[LabelSet],
    indptr: NDArray[np.int64],
    timestamps_ms: NDArray[np.int64],
    values: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Bring entries of one series together; a series that spans frames usually has them side by side already."""
    numbers = {label_set: i for i, label_set in enumerate(series)}
    owner = np.array([numbers[label_set] for label_set in labels], np.int64)
    lengths = np.diff(indptr)
    joined = np.zeros(len(series) + 1, np.int64)
    np.add.at(joined, owner + 1, lengths)
    np.cumsum(joined, out=joined)
    if (np.diff(owner) >= 0).all():
        return joined, timestamps_ms, values
    order = np.argsort(np.repeat(owner, lengths), kind="stable")
    return joined, timestamps_ms[order], values[order]


def _settle(
    indptr: NDArray[np.int64], timestamps_ms: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Sort by time the series that need it; of samples at one instant the last stays."""
    kept = np.ones(len(timestamps_ms), np.bool_)
    for start, end in itertools.pairwise(indptr.tolist()):
        if not falls(timestamps_ms, start, end):
            continue
        order = start + np.argsort(timestamps_ms[start:end], kind="stable")
        timestamps_ms[start:end] = timestamps_ms[order]
        values[start:end] = values[order]
        kept[start : end - 1] = timestamps_ms[start + 1 : end] != timestamps_ms[start : end - 1]
    kept_before = np.zeros(len(kept) + 1, np.int64)
    np.cumsum(kept, out=kept_before[1:])
    return kept_before[indptr], timestamps_ms[kept], values[kept]
