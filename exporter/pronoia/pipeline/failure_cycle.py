"""One failure, round by round: read its signals, tell where they lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import NoSeries
from pronoia.models.failure.fitted import trend_alone
from pronoia.pipeline.failure_assessment import assess_failure
from pronoia.pipeline.incremental import IncrementalReader
from pronoia.pipeline.round_cycle import RoundCycle
from pronoia.predictions.failure import FailureRisk, failure_stage
from pronoia.series import History

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.config.resolved_failure import ResolvedFailure
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.upstream import Upstream


class FailureCycle(RoundCycle[tuple[History, ...], FailureRisk]):
    """Everything that happens to one failure in one round.

    Args:
        failure: which.
        upstreams: where its signals are read, by name.
        max_series: more series of a signal than that are dropped.
        telemetry: told of every outcome.
    """

    def __init__(
        self, failure: ResolvedFailure, upstreams: Mapping[str, Upstream], *, max_series: int, telemetry: Telemetry
    ) -> None:
        super().__init__(failure_stage(failure.name), failure.infer_every_seconds, telemetry)
        self.failure = failure
        self._model = trend_alone()
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

    def _read(self, now_ms: int) -> tuple[History, ...]:
        histories = tuple(reader.refresh(now_ms) for reader in self._readers)
        if not any(history.n_series for history in histories):
            raise NoSeries(f"no series for {', '.join(signal.expr for signal in self.failure.signals)}")
        return histories

    def _predict(self, read: tuple[History, ...], now_seconds: float) -> FailureRisk:
        return assess_failure(self.failure, read, self._model, now_seconds)
