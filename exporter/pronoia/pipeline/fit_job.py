"""One fit of some series of a query, in chunks, each fitted in a worker process."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.fitted import FittedForecasts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.series import LabelSet
    from pronoia.series.aligned import AlignedFrame

_log = logging.getLogger(__name__)

# Small enough that the first forecasts of a large query appear soon and a lost worker costs little,
# large enough that the series of a chunk can lend each other calibration.
_MAX_CHUNK_SERIES = 16


@dataclass(frozen=True, slots=True)
class _Chunk:
    rows: NDArray[np.int64]
    is_retry: bool = False


class FitJob:
    """Starts at once; `poll` collects what has been fitted so far.

    Only a few chunks are with the pool at a time: they stand in one queue with those of other queries, which so get
    their turn however long this job is, and they all fail together when a worker process dies. Such chunks are tried
    once more, one at a time over all queries, then given up and counted: their series go without a forecast until the
    next fit.

    Args:
        query: the query's name, for the log.
        pool: where to fit.
        history: what to fit on.
        settings: how.
        incumbents: members that need not win a contest of all, by series.
        on_progress: called, from any thread, when the last chunk has ended or one has failed, and with `tells_parts`
            after each.
        tells_parts: whether parts are of use before the whole is there.
        started_at_seconds: Unix time, for whoever wants to know how long it took.
    """

    def __init__(
        self,
        query: str,
        pool: FitPool,
        history: AlignedFrame,
        settings: ForecastSettings,
        on_progress: Callable[[], None],
        *,
        incumbents: Mapping[LabelSet, str],
        tells_parts: bool,
        started_at_seconds: float,
    ) -> None:
        self._query = query
        self._pool = pool
        self._history = history
        self._settings = settings
        self._incumbents = incumbents
        self._on_progress = on_progress
        self._tells_parts = tells_parts
        self.started_at_seconds = started_at_seconds
        self.failures: Counter[str] = Counter()
        self._results: list[FittedForecasts] = []
        n_chunks = max(-(-history.n_series // _MAX_CHUNK_SERIES), min(pool.workers, history.n_series))
        self._n_series_left = history.n_series
        # What follows is shared with the threads in which futures end.
        self._lock = threading.Lock()
        self._waiting = deque(_Chunk(rows) for rows in np.array_split(np.arange(history.n_series), n_chunks))
        self._submitted: list[tuple[_Chunk, Future[FittedForecasts]]] = []
        self._n_in_flight = 0
        self._is_submitting = False
        self._submit_waiting()

    @property
    def n_series(self) -> int:
        """Series to fit."""
        return self._history.n_series

    @property
    def labels(self) -> tuple[LabelSet, ...]:
        """The series to fit."""
        return self._history.labels

    @property
    def is_finished(self) -> bool:
        """Whether every chunk has ended, as of the last poll."""
        return not self._n_series_left

    @property
    def n_fitted(self) -> int:
        """Series dealt with (fitted, skipped or given up) as of the last poll."""
        return self.n_series - self._n_series_left

    def poll(self) -> bool:
        """Collect the chunks that have ended; true if there were any."""
        with self._lock:
            ended = [(chunk, future) for chunk, future in self._submitted if future.done()]
            self._submitted = [(chunk, future) for chunk, future in self._submitted if not future.done()]
        for chunk, future in ended:
            self._collect(chunk, future)
        self._submit_waiting()
        return bool(ended)

    @property
    def has_waiting(self) -> bool:
        """Whether a chunk has not been with the pool yet."""
        with self._lock:
            return bool(self._waiting)

    def take_results(self) -> FittedForecasts | None:
        """What has been fitted since the last call, as of the last poll; None if nothing."""
        results, self._results = self._results, []
        return FittedForecasts.concatenate(results) if results else None

    def cancel(self) -> None:
        """Drop the chunks that have not started."""
        with self._lock:
            self._waiting.clear()
            submitted = list(self._submitted)
        for _, future in submitted:
            future.cancel()

    def _submit_waiting(self) -> None:
        """Give the pool what it may have; one thread at a time, and without recursion where futures end at once."""
        with self._lock:
            if self._is_submitting:
                return
            self._is_submitting = True
        while (chunk := self._next()) is not None:
            history = self._history.take(chunk.rows)
            incumbents = {each: self._incumbents[each] for each in history.labels if each in self._incumbents}
            try:
                future = self._pool.submit(history, self._settings, incumbents)
            except (RuntimeError, OSError) as error:  # no process can be started, or the pool is closed
                future = Future()
                future.set_exception(error)
            with self._lock:
                self._submitted.append((chunk, future))
            future.add_done_callback(partial(self._chunk_ended, chunk))

    def _next(self) -> _Chunk | None:
        """The next chunk for the pool, counted as in flight; None ends the submitting."""
        with self._lock:
            if not self._waiting or not self._may_submit(self._waiting[0]):
                self._is_submitting = False
                return None
            self._n_in_flight += 1
            return self._waiting.popleft()

    def _may_submit(self, chunk: _Chunk) -> bool:
        if chunk.is_retry:
            # It may kill the next worker too, and must not take a second chunk down for the second time.
            return not self._n_in_flight and self._pool.suspect.acquire(blocking=False)
        return self._n_in_flight <= self._pool.workers

    def _chunk_ended(self, chunk: _Chunk, future: Future[FittedForecasts]) -> None:
        if chunk.is_retry:
            self._pool.suspect.release()
        has_failed = not future.cancelled() and future.exception() is not None
        with self._lock:
            self._n_in_flight -= 1
        if not has_failed:
            # After a failure `poll` goes on: a pool that is just breaking takes nothing.
            self._submit_waiting()
        if has_failed or self._tells_parts or not self._n_in_flight:
            self._on_progress()

    def _collect(self, chunk: _Chunk, future: Future[FittedForecasts]) -> None:
        error = None if future.cancelled() else future.exception()
        if isinstance(error, BrokenExecutor) and not chunk.is_retry:
            with self._lock:
                self._waiting.append(_Chunk(chunk.rows, is_retry=True))
            return
        self._n_series_left -= len(chunk.rows)
        if error is not None:
            reason = "worker_died" if isinstance(error, BrokenExecutor) else "internal"
            self.failures[reason] += len(chunk.rows)
            _log.error("query %s: %d series could not be fitted: %r", self._query, len(chunk.rows), error)
        elif not future.cancelled():
            self._results.append(future.result())
