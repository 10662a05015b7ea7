"""One query, round by round: read, fit when due, predict."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from pronoia.errors import NoSeries, PronoiaError, UpstreamError
from pronoia.pipeline.incremental import IncrementalReader
from pronoia.pipeline.query_forecaster import QueryForecaster
from pronoia.pipeline.stage import log_change, run_stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.config.resolved import ResolvedQuery
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.event_feed import QueryEvents
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.pipeline.upstream import Upstream
    from pronoia.predictions.forecast import QueryForecast
    from pronoia.predictions.outcome import StageOutcome
    from pronoia.series import History
    from pronoia.storage.state import StateStore

_log = logging.getLogger(__name__)
T = TypeVar("T")

# What a server says to one query that is wrong or too large: it is up, and other queries may be fine.
_REFUSALS = frozenset({"400", "422", "too_large"})
# While the first fit runs, its results are taken up as they come, but not more often than this,
_FIT_PROGRESS_SECONDS = 2.0
# and not so often that rounds take more than a fifth of the time: those of 10,000 series take seconds.
_FIT_PROGRESS_REST = 4.0


class QueryCycle:
    """Everything that happens to one query in one round; rounds of one query never overlap.

    A round that fails leaves the last forecast on show until its `max_age`.

    Args:
        query: the query.
        upstream: where it is read.
        pool: where it is fitted.
        store: where its state is kept over a restart; None keeps none.
        telemetry: told of every outcome.
        max_series: more series than that are dropped, and counted.
        on_due: called when the cycle wants to run earlier than announced.
        clock: Unix time in seconds.
        events: when the query's events take place; None if it has none.
    """

    def __init__(
        self,
        query: ResolvedQuery,
        upstream: Upstream,
        pool: FitPool,
        store: StateStore | None,
        telemetry: Telemetry,
        *,
        max_series: int,
        on_due: Callable[[], None],
        clock: Callable[[], float],
        events: QueryEvents | None = None,
    ) -> None:
        self.query = query
        self.max_series = max_series
        self.forecast: QueryForecast | None = None
        self.due_at_seconds = 0.0
        self._upstream = upstream
        self._reader = IncrementalReader(
            upstream,
            query.expr,
            window_ms=query.history_seconds * 1000,
            step_ms=query.step_seconds * 1000,
            fresh_step_ms=min(query.infer_every_seconds, query.step_seconds) * 1000,
            overlap_ms=int(query.overlap_seconds * 1000),
            max_series=max_series,
        )
        self._forecaster = QueryForecaster(query, pool, store, telemetry, self._fit_progressed, events=events)
        self._telemetry = telemetry
        self._on_due = on_due
        self._clock = clock
        self._rests_until = 0.0
        self._outcomes: dict[str, StageOutcome] = {}
        self._running = threading.Lock()
        self._is_closed = False
        self._is_finished = False

    @property
    def name(self) -> str:
        """The query's name."""
        return self.query.name

    @property
    def outcomes(self) -> tuple[StageOutcome, ...]:
        """The latest outcome of each stage."""
        return tuple(self._outcomes.values())

    @property
    def history(self) -> History:
        """What was read of it until now; never changed, a read makes another."""
        return self._reader.history

    @property
    def read_until_ms(self) -> int:
        """Up to when it was read; `NEVER_MS` before the first time."""
        return self._reader.read_until_ms

    @property
    def fit_progress(self) -> tuple[int, int]:
        """Series that were dealt with at least once, and all series."""
        return self._forecaster.progress

    def run(self, now_seconds: float) -> None:
        """One round. Never raises: what goes wrong becomes an outcome."""
        with self._running:
            if not self._is_closed:
                started = time.monotonic()
                self._rests_until = now_seconds + _FIT_PROGRESS_SECONDS
                self._round(now_seconds)
                self._rests_until = now_seconds + max(
                    _FIT_PROGRESS_SECONDS, (1.0 + _FIT_PROGRESS_REST) * (time.monotonic() - started)
                )
        if self._is_closed:
            self._finish_if_idle()

    def close(self) -> None:
        """Save state and drop a fit in progress; a round in progress does so at its end."""
        self._is_closed = True
        self._finish_if_idle()

    def _round(self, now_seconds: float) -> None:
        self.due_at_seconds = now_seconds + self.query.infer_every_seconds
        frame = self._stage("read", lambda: self._read(int(now_seconds * 1000)))
        if frame is not None and not self._is_closed:
            self._forecast(frame, now_seconds)
        self._withdraw_if_old(now_seconds)

    def _forecast(self, frame: History, now_seconds: float) -> None:
        if self._forecaster.has_fit_work(frame, now_seconds):
            self._stage("fit", lambda: self._forecaster.advance_fit(frame, now_seconds))
        forecast = self._stage(
            "predict", lambda: self._forecaster.predict(frame, self._clock(), self._reader.n_dropped_series)
        )
        if forecast is not None:
            self.forecast = forecast
        if self._forecaster.is_save_due(now_seconds):
            # A stage of its own: a full disk costs the state, not the forecast.
            self._stage("save", lambda: self._forecaster.save(now_seconds))

    def _withdraw_if_old(self, now_seconds: float) -> None:
        """The page withdraws old forecasts by itself; here it is told and counted."""
        if self.forecast is not None and not self.forecast.is_current(now_seconds):
            self.forecast = None
            self._telemetry.on_series(self.name, active=0, dropped={})
            _log.warning(
                "query %s: its forecast is older than %d s and is withdrawn", self.name, self.query.max_age_seconds
            )

    def _finish_if_idle(self) -> None:
        # Whoever finds the lock taken leaves it to its holder, who looks at `_is_closed` after letting go.
        if self._running.acquire(blocking=False):
            try:
                if not self._is_finished:
                    self._is_finished = True
                    self._stage("save", self._forecaster.close)
            finally:
                self._running.release()

    def _read(self, now_ms: int) -> History:
        try:
            frame = self._reader.refresh(now_ms)
        except PronoiaError as error:
            self._report_upstream(is_up=not isinstance(error, UpstreamError) or error.cause in _REFUSALS)
            raise
        self._report_upstream(is_up=True)
        if not frame.n_series:
            raise NoSeries(f"no series for {self.query.expr}")
        return frame

    def _report_upstream(self, *, is_up: bool) -> None:
        self._telemetry.on_upstream(self._upstream.name, up=is_up, path=self._upstream.path)
        self._telemetry.on_query_path(self.name, self._upstream.path_of(self.query.expr))

    def _fit_progressed(self) -> None:
        """Called from any thread when a part of a fit has ended: run again soon."""
        soon = max(self._rests_until, self._clock())
        self.due_at_seconds = min(self.due_at_seconds, soon)
        self._on_due()

    def _stage(self, stage: str, work: Callable[[], T]) -> T | None:
        before = self._outcomes.get(stage)
        result, outcome = run_stage(self.name, stage, work, before)
        self._outcomes[stage] = outcome
        self._telemetry.on_outcome(outcome)
        log_change(before, outcome)
        return result
