"""IncrementalReader: the history of one query, of which only what is new is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from pronoia.series import SeriesFrame, TimeRange, is_stale, merge_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    class Source(Protocol):
        """Anything that reads like an `Upstream`."""

        def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
            """What an expression was worth over a time range."""


class IncrementalReader:
    """Keeps the last `window_ms` of one query.

    The first refresh reads the whole window; later ones only what came since, and an overlap before it, since
    samples may arrive late. Not to be shared by threads.

    Args:
        source: read from.
        expression: a plain selector or any PromQL, as `Upstream.read` takes it.
        window_ms: how much history is kept.
        step_ms: distance of an expression's evaluations.
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
        overlap_ms: int = 300_000,
        max_series: int | None = None,
    ) -> None:
        if window_ms < 1 or overlap_ms < 0:
            raise ValueError(f"a window of {window_ms} ms with an overlap of {overlap_ms} ms is not possible")
        self._source = source
        self._expression = expression
        self._window_ms = window_ms
        self._step_ms = step_ms
        self._overlap_ms = overlap_ms
        self._max_series = max_series
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
        fresh = self._source.read(self._expression, TimeRange(start_ms, now_ms), self._step_ms)

        # Only the overlap is merged sample by sample; all before it is joined end to end.
        older = self._frame.within(TimeRange(window.start_ms, max(window.start_ms, start_ms - 1)))
        known = self._frame.within(TimeRange(start_ms, now_ms))
        merged = merge_frames([older, merge_frames([known, fresh])]).within(window)
        living = np.flatnonzero(_living(merged))
        order = sorted(living.tolist(), key=lambda series: merged.labels[series].pairs)
        kept = order if self._max_series is None else order[: self._max_series]

        self._frame = merged.take(kept)
        self._n_dropped_series = len(order) - len(kept)
        self._read_until_ms = now_ms
        return self._frame


def _living(frame: SeriesFrame) -> NDArray[np.bool_]:
    n_values_before = np.zeros(frame.n_samples + 1, np.int64)
    np.cumsum(~is_stale(frame.values), out=n_values_before[1:])
    living: NDArray[np.bool_] = np.diff(n_values_before[frame.indptr]) > 0
    return living
