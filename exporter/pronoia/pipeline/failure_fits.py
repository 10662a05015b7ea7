"""When a failure is learnt from what happened, and what becomes of that."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pronoia.errors import StateError
from pronoia.models.failure.fitted import FailureModel, prior_alone
from pronoia.models.failure.learn import learn_failures
from pronoia.models.failure.learnt_rows import LearntRows, no_rows
from pronoia.pipeline.long_fit import LongFit

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from pronoia.config.resolved_failure import ResolvedFailure
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.models.failure.learn import LearntFit, WatchedSystems
    from pronoia.pipeline.failure_state import FailureState
    from pronoia.pipeline.fit_pool import FitPool

_log = logging.getLogger(__name__)

# At a start histories are read first. A fit takes seconds, and without one the prior is as wrong as in the laboratory.
_FIRST_FIT_SECONDS = 60.0


class FailureFits:
    """One fit at a time, in a worker process. Not to be shared by threads.

    Args:
        failure: whose.
        pool: where fits run.
        state: where what was learnt is kept.
        telemetry: told what became of each fit.
        on_done: called from any thread when a fit has ended.
    """

    def __init__(
        self,
        failure: ResolvedFailure,
        pool: FitPool,
        state: FailureState,
        telemetry: Telemetry,
        on_done: Callable[[], None],
    ) -> None:
        #: What speaks.
        self.model: FailureModel = prior_alone()
        #: Failures that are known, whether or not they suffice to learn from.
        self.n_events = 0
        self._failure = failure
        self._pool = pool
        self._state = state
        self._telemetry = telemetry
        self._rows: LearntRows = no_rows()
        self._fit: LongFit[LearntFit] = LongFit(
            pool, every_seconds=failure.fit_every_seconds, first_seconds=_FIRST_FIT_SECONDS, on_done=on_done
        )
        self._started_at_seconds = 0.0
        self._fitted_at_seconds = 0.0
        if (saved := state.load()) is not None:
            self._rows, model, self._fitted_at_seconds = saved
            self.model, self.n_events = model or prior_alone(), self._rows.n_events

    def advance(self, watched: Callable[[], WatchedSystems], now_seconds: float) -> None:
        """Take up a fit that has ended, and start one that is due.

        Args:
            watched: gives the systems; asked only when a fit is due.
            now_seconds: Unix time.
        """
        if (future := self._fit.ended()) is not None:
            self._take_up(future)
        self._fit.start_if_due(
            lambda: self._submitted(watched(), now_seconds),
            now_seconds=now_seconds,
            fitted_at_seconds=self._fitted_at_seconds,
            on_failed=lambda reason: self._end("failed", reason),
        )

    def cancel(self) -> None:
        """Drop a fit that has not started."""
        self._fit.cancel()

    def _submitted(self, watched: WatchedSystems, now_seconds: float) -> Future[LearntFit]:
        self._started_at_seconds = now_seconds
        return self._pool.submit_work(learn_failures, watched, self._rows.to_arrays())

    def _take_up(self, future: Future[LearntFit]) -> None:
        if (error := future.exception()) is not None:
            self._end("failed", repr(error))
            return
        fit = future.result()
        self._rows = LearntRows.from_arrays(fit.rows)
        self.n_events = self._rows.n_events
        self._fitted_at_seconds = self._started_at_seconds
        if fit.model is not None:
            self.model = FailureModel.from_arrays(fit.model)
        if fit.reason:
            self._end("calibrated" if fit.model is not None else "not_possible", fit.reason)
        else:
            self._end("accepted", f"learnt from {self.n_events} failures, which weigh {self.model.share:.0%}")
        try:
            self._state.save(fit, self._fitted_at_seconds)
        except StateError as error:
            # What was learnt goes on speaking; a full disk costs the state alone.
            self._end("not_saved", str(error))

    def _end(self, outcome: str, reason: str) -> None:
        self._telemetry.on_failure_fit(self._failure.name, outcome)
        level = logging.ERROR if outcome in ("failed", "not_saved") else logging.INFO
        _log.log(level, "failure %s: fit to what happened %s: %s", self._failure.name, outcome, reason)
