"""IncrementalReader: the history of one query, of which only what is new is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from pronoia.series import History, SeriesFrame, TimeRange, merge_frames, thin
from pronoia.series.spans import newest_living, splice
from pronoia.series.timerange import NEVER_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

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
    samples may arrive late, and touch only the newest part of what is kept. Long ranges are read part by part and
    thinned at once, so memory is bounded by what is kept (16 bytes a step and series) and one part. Not to be shared by
    threads.

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
        self._history = History.of(SeriesFrame.empty())
        # All samples of its older part lie before this, and this is when each of those series lived last.
        self._cut_ms = NEVER_MS
        self._older_living_ms = np.empty(0, np.int64)
        self._n_dropped_series = 0
        self._read_until_ms: int | None = None

    @property
    def history(self) -> History:
        """What the last successful refresh gave; empty before the first."""
        return self._history

    @property
    def read_until_ms(self) -> int:
        """The end of the window at the last successful refresh; `NEVER_MS` before the first."""
        return NEVER_MS if self._read_until_ms is None else self._read_until_ms

    @property
    def n_dropped_series(self) -> int:
        """Series over `max_series` that the last successful refresh dropped."""
        return self._n_dropped_series

    def refresh(self, now_ms: int) -> History:
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
        known = self._ready(now_ms, start_ms)
        joined = _spliced(known, fresh, TimeRange(start_ms, now_ms), window)
        if self._read_until_ms is None:
            # Where two parts meet inside a step, each has left a sample of it. And the next refresh copies what is new.
            joined = self._settled(joined, now_ms, start_ms=now_ms)
        living = np.flatnonzero(self._living(joined))
        kept = living if self._max_series is None else living[: self._max_series]
        if len(kept) < joined.n_series:
            joined = joined.take(kept)
        self._history = joined
        self._n_dropped_series = len(living) - len(kept)
        self._read_until_ms = now_ms
        return joined

    def _read(self, time_range: TimeRange) -> Iterator[SeriesFrame]:
        """Parts of the range, oldest first; each is thinned before the next is read."""
        dense_from_ms = time_range.end_ms - self._dense_ms
        if time_range.start_ms < dense_from_ms:
            older = TimeRange(time_range.start_ms, dense_from_ms - 1)
            for part in self._source.parts(self._expression, older, self._step_ms):
                yield thin(part, self._step_ms, dense_from_ms)
        newest = TimeRange(max(time_range.start_ms, dense_from_ms), time_range.end_ms)
        yield self._source.read(self._expression, newest, self._fresh_step_ms)

    def _ready(self, now_ms: int, start_ms: int) -> History:
        """What is known, so divided that nothing from `start_ms` on is in its older part."""
        dense_from_ms = now_ms - self._dense_ms
        # Thinned before it is joined, and only now and then, as it costs a copy.
        if abs(dense_from_ms - self._thinned_until_ms) >= _DENSE_STEPS * self._step_ms:
            self._thinned_until_ms = dense_from_ms
            if self._history.n_series:
                self._history = self._settled(self._whole_from(start_ms), now_ms, start_ms)
        return self._whole_from(start_ms)

    def _whole_from(self, start_ms: int) -> History:
        """The clock was set back by more than what is kept apart: rare enough to begin again with one part."""
        if start_ms >= self._cut_ms:
            return self._history
        self._cut_ms = NEVER_MS
        return History.of(self._history.joined())

    def _settled(self, history: History, now_ms: int, start_ms: int) -> History:
        dense_from_ms = now_ms - self._dense_ms
        # The end of a step: what is thinned together stays together. It never moves back: what is older stays older.
        cut_ms = (min(dense_from_ms, start_ms) - 1) // self._step_ms * self._step_ms + 1
        self._cut_ms = max(cut_ms, self._cut_ms)
        settled = history.settled(self._step_ms, dense_from_ms, self._cut_ms)
        older = settled.older
        self._older_living_ms = newest_living(older.timestamps_ms, older.values, older.indptr[:-1], older.indptr[1:])
        return settled

    def _living(self, history: History) -> NDArray[np.bool_]:
        """Which series hold at least one sample that is not a staleness marker, bool (n_series,)."""
        newer = history.newer
        newest = newest_living(newer.timestamps_ms, newer.values, newer.indptr[:-1], newer.indptr[1:])
        older_newest = np.append(self._older_living_ms, NEVER_MS)[history.older_row]
        living: NDArray[np.bool_] = (newest > NEVER_MS) | (older_newest >= max(history.start_ms, NEVER_MS + 1))
        return living


def _spliced(known: History, fresh: SeriesFrame, refreshed: TimeRange, window: TimeRange) -> History:
    """What was known before the refreshed range, then known and fresh samples of that range merged.

    Only the newer part is copied. Series come sorted by labels; some may be left without a sample.
    """
    if not known.n_series:
        return History.of(_sorted(fresh.within(refreshed)))
    row_of = {labels: row for row, labels in enumerate(known.labels)}
    labels = known.labels
    if new := [each for each in fresh.labels if each not in row_of]:
        labels = tuple(sorted((*known.labels, *new), key=lambda each: each.pairs))
    rows = np.array([row_of.get(each, -1) for each in labels], np.int64) if new else np.arange(known.n_series)
    fresh_of = {each: row for row, each in enumerate(fresh.labels)}
    newer = splice(
        _spans(known.newer, rows),
        _spans(fresh, np.array([fresh_of.get(each, -1) for each in labels], np.int64)),
        window.start_ms,
        refreshed.start_ms,
        refreshed.end_ms,
    )
    older_row = np.append(known.older_row, -1)[rows]
    # What was outside of the window once stays outside, should the clock be set back.
    start_ms = max(known.start_ms, window.start_ms)
    return History(SeriesFrame(labels, *newer), known.older, older_row, start_ms)


def _sorted(frame: SeriesFrame) -> SeriesFrame:
    order = sorted(range(frame.n_series), key=lambda i: frame.labels[i].pairs)
    return frame if order == list(range(frame.n_series)) else frame.take(order)


def _spans(
    frame: SeriesFrame, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """The samples of a frame, and where those of each row begin and end; row -1 has none."""
    begins, ends = np.append(frame.indptr[:-1], 0), np.append(frame.indptr[1:], 0)
    return frame.timestamps_ms, frame.values, begins[rows], ends[rows]
