"""IncrementalReader: the history of one query, of which only what is new is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from pronoia.series import SeriesFrame, TimeRange, is_stale, merge_frames, thin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pronoia.series import LabelSet

    class Source(Protocol):
        """Anything that reads like an `Upstream`."""

        def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
            """What an expression was worth over a time range."""

        def parts(self, expression: str, time_range: TimeRange, step_ms: int) -> Iterator[SeriesFrame]:
            """The same in parts, oldest first, each small enough to be held."""


# The newest steps are kept sample by sample: forecasts start from them and are compared with them at any instant.
_DENSE_STEPS = 12


class IncrementalReader:
    """Keeps the last `window_ms` of one query, the newest part of it sample by sample, the rest one sample a step.

    The first refresh reads the whole window; later ones only what came since, and an overlap before it, since
    samples may arrive late. Long ranges are read part by part and thinned at once, so memory is bounded by what is
    kept (16 bytes a step and series) and one part. Not to be shared by threads.

    Args:
        source: read from.
        expression: a plain selector or any PromQL, as `Upstream.read` takes it.
        window_ms: how much history is kept.
        step_ms: distance of an expression's evaluations, and of the samples kept of the older part.
        fresh_step_ms: distance of an expression's evaluations in the newest part.
        overlap_ms: how far back each refresh reads anew. Prometheus refuses late samples unless told otherwise, so
            five minutes is for what is still on its way: remote-written samples, slow rule evaluations.
        max_series: more series than that are dropped, the last ones in the order of their labels, so that the same
            ones stay from refresh to refresh.
    """

    def __init__(
        self,
        source: Source,
        expression: str,
        *,
        window_ms: int,
        step_ms: int,
        fresh_step_ms: int | None = None,
        overlap_ms: int = 300_000,
        max_series: int | None = None,
    ) -> None:
        if window_ms < 1 or overlap_ms < 0:
            raise ValueError(f"a window of {window_ms} ms with an overlap of {overlap_ms} ms is not possible")
        self._source = source
        self._expression = expression
        self._window_ms = window_ms
        self._step_ms = step_ms
        self._fresh_step_ms = fresh_step_ms or step_ms
        self._overlap_ms = overlap_ms
        self._max_series = max_series
        self._dense_ms = max(overlap_ms, _DENSE_STEPS * step_ms)
        self._thinned_until_ms = 0
        self._frame = SeriesFrame.empty()
        self._n_dropped_series = 0
        self._read_until_ms: int | None = None

    @property
    def frame(self) -> SeriesFrame:
        """What the last successful refresh gave; empty before the first."""
        return self._frame

    @property
    def n_dropped_series(self) -> int:
        """Series over `max_series` that the last successful refresh dropped."""
        return self._n_dropped_series

    def refresh(self, now_ms: int) -> SeriesFrame:
        """Bring the window up to now.

        Args:
            now_ms: the window's end, UTC milliseconds. If it lies before an earlier one, the clock was set back:
                the overlap is read anew from there and what lies after it is forgotten.

        Returns:
            Series with at least one sample that is not a staleness marker in the window, sorted by labels.

        Raises:
            UpstreamError: as the source raises it. What was read before stays as it was, and the next refresh
                reads all that is missing.
            SeriesLimitExceeded: as the source raises it; likewise.
        """
        window = TimeRange(now_ms - self._window_ms, now_ms)
        start_ms = window.start_ms
        if self._read_until_ms is not None:
            start_ms = max(start_ms, min(self._read_until_ms, now_ms) - self._overlap_ms)
        fresh = merge_frames(list(self._read(TimeRange(start_ms, now_ms))))
        if self._read_until_ms is None:
            # Where two parts meet inside a step, each has left a sample of it.
            fresh = thin(fresh, self._step_ms, now_ms - self._dense_ms)

        # Thinned before it is joined, so that there are never three of it.
        self._frame = self._thinned(self._frame, now_ms)
        joined = _spliced(self._frame, fresh, TimeRange(start_ms, now_ms), window)
        living = np.flatnonzero(_living(joined))
        kept = living if self._max_series is None else living[: self._max_series]

        self._frame = joined if len(kept) == joined.n_series else joined.take(kept)
        self._n_dropped_series = len(living) - len(kept)
        self._read_until_ms = now_ms
        return self._frame

    def _read(self, time_range: TimeRange) -> Iterator[SeriesFrame]:
        """Parts of the range, oldest first; each is thinned before the next is read."""
        dense_from_ms = time_range.end_ms - self._dense_ms
        if time_range.start_ms < dense_from_ms:
            older = TimeRange(time_range.start_ms, dense_from_ms - 1)
            for part in self._source.parts(self._expression, older, self._step_ms):
                yield thin(part, self._step_ms, dense_from_ms)
        newest = TimeRange(max(time_range.start_ms, dense_from_ms), time_range.end_ms)
        yield self._source.read(self._expression, newest, self._fresh_step_ms)

    def _thinned(self, frame: SeriesFrame, now_ms: int) -> SeriesFrame:
        """Thin what is no longer new; now and then, as it costs a copy."""
        dense_from_ms = now_ms - self._dense_ms
        if abs(dense_from_ms - self._thinned_until_ms) < _DENSE_STEPS * self._step_ms:
            return frame
        self._thinned_until_ms = dense_from_ms
        return thin(frame, self._step_ms, dense_from_ms)


def _spliced(known: SeriesFrame, fresh: SeriesFrame, refreshed: TimeRange, window: TimeRange) -> SeriesFrame:
    """What was known before the refreshed range, then known and fresh samples of that range merged.

    Known samples are copied once. Series come sorted by labels; those left without samples are dropped.
    """
    if not known.n_series:
        return _sorted(fresh.within(refreshed))
    older: dict[LabelSet, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
    overlap: dict[LabelSet, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
    for labels, times, values in known:
        first, cut = np.searchsorted(times, (window.start_ms, refreshed.start_ms)).tolist()
        older[labels] = times[first:cut], values[first:cut]
        overlap[labels] = times[cut:], values[cut:]
    newer = merge_frames([SeriesFrame.from_series(overlap), fresh]).within(refreshed)
    newer_series = {labels: (times, values) for labels, times, values in newer}

    labels_out: list[LabelSet] = []
    pieces: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    indptr = [0]
    for labels in sorted(older | newer_series, key=lambda labels: labels.pairs):
        own = [part[labels] for part in (older, newer_series) if labels in part]
        n_samples = sum(len(times) for times, _ in own)
        if n_samples:
            labels_out.append(labels)
            pieces += own
            indptr.append(indptr[-1] + n_samples)
    if not pieces:
        return SeriesFrame.empty()
    return SeriesFrame(
        tuple(labels_out),
        np.concatenate([times for times, _ in pieces]),
        np.concatenate([values for _, values in pieces]),
        np.array(indptr, np.int64),
    )


def _sorted(frame: SeriesFrame) -> SeriesFrame:
    order = sorted(range(frame.n_series), key=lambda i: frame.labels[i].pairs)
    return frame if order == list(range(frame.n_series)) else frame.take(order)


def _living(frame: SeriesFrame) -> NDArray[np.bool_]:
    """Which series hold at least one sample that is not a staleness marker, bool (n_series,)."""
    if not frame.n_series:
        return np.zeros(0, np.bool_)
    living: NDArray[np.bool_] = np.logical_or.reduceat(~is_stale(frame.values), frame.indptr[:-1])
    return living
