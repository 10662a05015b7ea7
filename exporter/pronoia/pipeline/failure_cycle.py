"""One failure, round by round: read its signals and conditions, learn from what happened, tell what comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import NoSeries
from pronoia.pipeline.failure_assessment import assess_failure, assess_recurrence
from pronoia.pipeline.failure_fits import FailureFits
from pronoia.pipeline.failure_state import FailureState
from pronoia.pipeline.failure_systems import FailureRead, failure_systems, watched_systems
from pronoia.pipeline.incremental import IncrementalReader
from pronoia.pipeline.round_cycle import RoundCycle
from pronoia.predictions.failure import FailureRisk, failure_stage
from pronoia.series import History, SeriesFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pronoia.config.resolved_failure import ResolvedFailure, ResolvedSignal
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.pipeline.query_cycle import QueryCycle
    from pronoia.pipeline.upstream import Upstream
    from pronoia.storage.state import StateStore

# While its queries have read nothing yet, it looks again after so long.
_LOOK_AGAIN_SECONDS = 2.0


class FailureCycle(RoundCycle[FailureRead, FailureRisk]):
    """Everything that happens to one failure in one round.

    Args:
        failure: which.
        upstreams: where its signals and conditions are read, by name.
        queries: finds a running query by its name, whose history a signal may take; asked anew each time.
        pool: where it is learnt from what happened.
        store: where what was learnt is kept over a restart; None keeps nothing.
        max_series: more series of a signal than that are dropped.
        telemetry: told of every outcome.
        on_due: called when it wants to run earlier than announced.
    """

    def __init__(
        self,
        failure: ResolvedFailure,
        upstreams: Mapping[str, Upstream],
        queries: Callable[[str], QueryCycle | None],
        *,
        pool: FitPool,
        store: StateStore | None,
        max_series: int,
        telemetry: Telemetry,
        on_due: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(failure_stage(failure.name), failure.infer_every_seconds, telemetry)
        self.failure = failure
        self.max_series = max_series
        self._queries = queries
        self._on_due = on_due
        self._fits = FailureFits(failure, pool, FailureState(failure, store), telemetry, self._fit_ended)
        infer_ms = failure.infer_every_seconds * 1_000

        def reader(expr: str, upstream: str, history_seconds: int, fresh_step_ms: int) -> IncrementalReader:
            return IncrementalReader(
                upstreams[upstream],
                expr,
                window_ms=history_seconds * 1_000,
                step_ms=failure.step_seconds * 1_000,
                fresh_step_ms=fresh_step_ms,
                max_series=max_series,
            )

        step_ms = failure.step_seconds * 1_000
        self._signals = {
            signal.name: reader(signal.expr, signal.upstream, signal.history_seconds, min(infer_ms, step_ms))
            for signal in failure.signals
            if not signal.query
        }
        self._conditions = tuple(
            reader(each.expr, each.upstream, each.history_seconds, step_ms) for each in failure.conditions
        )

    def close(self) -> None:
        """No further round begins, and no further fit."""
        super().close()
        self._fits.cancel()

    def _read(self, now_ms: int) -> FailureRead:
        waits = self._waits_for_queries()
        histories = tuple(self._history(signal, now_ms) for signal in self.failure.signals)
        if histories and not any(history.n_series for history in histories):
            if waits:
                self.due_at_seconds = now_ms / 1_000 + min(_LOOK_AGAIN_SECONDS, self.failure.infer_every_seconds)
            raise NoSeries(f"no series for {', '.join(signal.expr for signal in self.failure.signals)}")
        conditions = tuple(reader.refresh(now_ms).joined() for reader in self._conditions)
        return FailureRead(histories, conditions, is_whole=not waits)

    def _waits_for_queries(self) -> bool:
        """Whether a query that it takes its history from has not been read at all yet."""
        queries = [self._queries(name) for name in self.failure.queries]
        return any(query is None or not query.outcomes for query in queries)

    def _history(self, signal: ResolvedSignal, now_ms: int) -> History:
        if not signal.query:
            return self._signals[signal.name].refresh(now_ms)
        query = self._queries(signal.query)
        return query.history if query is not None else History.of(SeriesFrame.empty())

    def _predict(self, read: FailureRead, now_seconds: float) -> FailureRisk:
        if not self.failure.signals:
            return assess_recurrence(self.failure, read.conditions, now_seconds)
        systems = failure_systems(self.failure, read)
        # Each time is learnt from once: what is not known of it then stays out of it.
        if read.is_whole:
            self._fits.advance(lambda: watched_systems(self.failure, read, systems, now_seconds), now_seconds)
        return assess_failure(
            self.failure,
            read,
            systems,
            model=self._fits.model,
            n_events=self._fits.n_events,
            now_seconds=now_seconds,
        )

    def _fit_ended(self) -> None:
        """Called from any thread: take it up soon."""
        self.due_at_seconds = 0.0
        self._on_due()
