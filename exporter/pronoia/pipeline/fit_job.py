"""One refit of a query: its series in chunks, each fitted in a worker process."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.fitted import FittedForecasts

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.series.aligned import AlignedFrame

_log = logging.getLogger(__name__)

# Small enough that the first forecasts of a large query appear soon and a lost worker costs little,
# large enough that the series of a chunk can lend each other calibration.
_MAX_CHUNK_SERIES = 16


@dataclass(frozen=True, slots=True)
class _Chunk:
    history: AlignedFrame
    future: Future[FittedForecasts]
    is_retry: bool


class FitJob:
    """Starts at once; `poll` collects what has been fitted so far.

    A chunk whose worker process died is tried once more, then given up and counted: its series go without a new fit
    until the next one is due.

    Args:
        query: the query's name, for the log.
        pool: where to fit.
        history: what to fit on.
        settings: how.
        on_progress: called, from any thread, when the last chunk has ended, and with `tells_parts` after each.
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
        tells_parts: bool,
        started_at_seconds: float,
    ) -> None:
        self._query = query
        self._pool = pool
        self._settings = settings
        self._on_progress = on_progress
        self._tells_parts = tells_parts
        self._counting = threading.Lock()
        self._n_under_way = 0
        self.n_series = history.n_series
        self.started_at_seconds = started_at_seconds
        self.failures: Counter[str] = Counter()
        self._results: list[FittedForecasts] = []
        n_chunks = max(-(-history.n_series // _MAX_CHUNK_SERIES), min(pool.workers, history.n_series))
        self._pending = [
            self._submit(history.take(part), is_retry=False)
            for part in np.array_split(np.arange(history.n_series), n_chunks)
        ]

    @property
    def is_finished(self) -> bool:
        """Whether every chunk has ended, as of the last poll."""
        return not self._pending

    @property
    def n_fitted(self) -> int:
        """Series dealt with (fitted, skipped or given up) as of the last poll."""
        return self.n_series - sum(chunk.history.n_series for chunk in self._pending)

    def poll(self) -> bool:
        """Collect the chunks that have ended; true if there were any."""
        ended = [chunk for chunk in self._pending if chunk.future.done()]
        self._pending = [chunk for chunk in self._pending if not chunk.future.done()]
        for chunk in ended:
            self._collect(chunk)
        return bool(ended)

    def result(self) -> FittedForecasts | None:
        """What has been fitted so far, or None if nothing yet."""
        return FittedForecasts.concatenate(self._results) if self._results else None

    def cancel(self) -> None:
        """Drop the chunks that have not started."""
        for chunk in self._pending:
            chunk.future.cancel()

    def _submit(self, history: AlignedFrame, *, is_retry: bool) -> _Chunk:
        with self._counting:
            self._n_under_way += 1
        future = self._pool.submit(history, self._settings)
        future.add_done_callback(self._chunk_ended)
        return _Chunk(history, future, is_retry)

    def _chunk_ended(self, _: Future[FittedForecasts]) -> None:
        with self._counting:
            self._n_under_way -= 1
            is_last = self._n_under_way == 0
        if is_last or self._tells_parts:
            self._on_progress()

    def _collect(self, chunk: _Chunk) -> None:
        if chunk.future.cancelled():
            return
        error = chunk.future.exception()
        if error is None:
            self._results.append(chunk.future.result())
        elif isinstance(error, BrokenExecutor) and not chunk.is_retry:
            self._pending.append(self._submit(chunk.history, is_retry=True))
        else:
            reason = "worker_died" if isinstance(error, BrokenExecutor) else "internal"
            self.failures[reason] += chunk.history.n_series
            _log.error("query %s: %d series could not be fitted: %r", self._query, chunk.history.n_series, error)
