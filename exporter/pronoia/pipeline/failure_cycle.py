"""One failure, round by round: read its signals, tell where they lead."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, TypeVar

from pronoia.errors import NoSeries
from pronoia.models.failure.fitted import trend_alone
from pronoia.pipeline.failure_assessment import assess_failure
from pronoia.pipeline.incremental import IncrementalReader
from pronoia.pipeline.stage import log_change, run_stage
from pronoia.predictions.failure import failure_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pronoia.config.resolved_failure import ResolvedFailure
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.upstream import Upstream
    from pronoia.predictions.failure import FailureRisk
    from pronoia.predictions.outcome import StageOutcome
    from pronoia.series import History

_log = logging.getLogger(__name__)
T = TypeVar("T")


class FailureCycle:
    """Everything that happens to one failure in one round; rounds of one failure never overlap.

    A round that fails leaves the last risks on show until their `max_age`. Nothing is kept over a restart: what is said
    follows from the history that is read anew.

    Args:
        failure: which.
        upstreams: where its signals are read, by name.
        max_series: more series of a signal than that are dropped.
        telemetry: told of every outcome.
    """

    def __init__(
        self, failure: ResolvedFailure, upstreams: Mapping[str, Upstream], *, max_series: int, telemetry: Telemetry
    ) -> None:
        self.failure = failure
        self.risk: FailureRisk | None = None
        self.due_at_seconds = 0.0
        self._model = trend_alone()
        self._telemetry = telemetry
        self._outcomes: dict[str, StageOutcome] = {}
        self._running = threading.Lock()
        self._is_closed = False
        self._readers = tuple(
            IncrementalReader(
                upstreams[signal.upstream],
                signal.expr,
                window_ms=failure.history_seconds * 1_000,
                step_ms=failure.step_seconds * 1_000,
                fresh_step_ms=min(failure.infer_every_seconds, failure.step_seconds) * 1_000,
                max_series=max_series,
            )
            for signal in failure.signals
        )

    @property
    def name(self) -> str:
        """What it is called among the queries."""
        return failure_stage(self.failure.name)

    @property
    def outcomes(self) -> tuple[StageOutcome, ...]:
        """The latest outcome of each stage."""
        return tuple(self._outcomes.values())

    def run(self, now_seconds: float) -> None:
        """One round. Never raises: what goes wrong becomes an outcome."""
        with self._running:
            if not self._is_closed:
                self._round(now_seconds)

    def close(self) -> None:
        """No further round begins."""
        self._is_closed = True

    def _round(self, now_seconds: float) -> None:
        self.due_at_seconds = now_seconds + self.failure.infer_every_seconds
        histories = self._stage("read", lambda: self._read(int(now_seconds * 1_000)))
        if histories is not None:
            risk = self._stage("predict", lambda: assess_failure(self.failure, histories, self._model, now_seconds))
            if risk is not None:
                self.risk = risk
        if self.risk is not None and not self.risk.is_current(now_seconds):
            self.risk = None
            _log.warning("%s: its probabilities are older than %d s and are withdrawn", self.name, self._max_age)

    @property
    def _max_age(self) -> int:
        return self.failure.max_age_seconds

    def _read(self, now_ms: int) -> tuple[History, ...]:
        histories = tuple(reader.refresh(now_ms) for reader in self._readers)
        if not any(history.n_series for history in histories):
            raise NoSeries(f"no series for {', '.join(signal.expr for signal in self.failure.signals)}")
        return histories

    def _stage(self, stage: str, work: Callable[[], T]) -> T | None:
        before = self._outcomes.get(stage)
        result, outcome = run_stage(self.name, stage, work, before)
        self._outcomes[stage] = outcome
        self._telemetry.on_outcome(outcome)
        log_change(before, outcome)
        return result
