"""One failure, round by round: read its signals and conditions, learn from what happened, tell what comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.pipeline.failure_assessment import assess_failure, assess_recurrence
from pronoia.pipeline.failure_fits import FailureFits
from pronoia.pipeline.failure_reader import FailureReader
from pronoia.pipeline.failure_state import FailureState
from pronoia.pipeline.failure_systems import FailureRead, failure_systems, watched_systems
from pronoia.pipeline.round_cycle import RoundCycle
from pronoia.predictions.failure import FailureRisk, failure_stage
from pronoia.predictions.outcome import OutcomeState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pronoia.config.resolved_failure import ResolvedFailure
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.pipeline.query_cycle import QueryCycle
    from pronoia.pipeline.upstream import Upstream
    from pronoia.storage.state import StateStore


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
        self._on_due = on_due
        self._reader = FailureReader(failure, upstreams, queries, max_series=max_series)
        self._fits = FailureFits(failure, pool, FailureState(failure, store), telemetry, self._fit_ended)

    def close(self) -> None:
        """No further round begins, and no further fit."""
        super().close()
        self._fits.cancel()

    def _round(self, now_seconds: float) -> None:
        super()._round(now_seconds)
        if self._reader.waits_for_queries() and self._outcomes["read"].state is OutcomeState.NO_DATA:
            self._look_again(now_seconds)

    def _read(self, now_ms: int) -> FailureRead:
        try:
            return self._reader.read(now_ms)
        finally:
            self._telemetry.on_failure_read(self.failure.name, n_unread=len(self._reader.unread))

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
