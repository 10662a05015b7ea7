"""What rounds have in common that tell of risks: one at a time, stages with outcomes, risks that grow old."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from pronoia.pipeline.stage import log_change, run_stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.exposition.telemetry import Telemetry
    from pronoia.predictions.outcome import StageOutcome

_log = logging.getLogger(__name__)
T = TypeVar("T")

# While one of its queries has not been read yet, a cycle looks again after so long.
_LOOK_AGAIN_SECONDS = 2.0


class Ageing(Protocol):
    """Something that may be shown for a while."""

    def is_current(self, now_seconds: float) -> bool:
        """Whether it may still be shown."""


Risk = TypeVar("Risk", bound=Ageing)
Read = TypeVar("Read")


class RoundCycle(ABC, Generic[Read, Risk]):
    """Reads, predicts, and keeps what was said until it is too old; rounds of one cycle never overlap.

    A round that fails leaves the last risks on show. They are not kept over a restart: what is said follows from the
    history, which is read anew.

    Args:
        name: what it is called among the queries.
        infer_every_seconds: time between rounds.
        telemetry: told of every outcome.
    """

    def __init__(self, name: str, infer_every_seconds: int, telemetry: Telemetry) -> None:
        self.name = name
        self.risk: Risk | None = None
        self.due_at_seconds = 0.0
        self._infer_every_seconds = infer_every_seconds
        self._telemetry = telemetry
        self._outcomes: dict[str, StageOutcome] = {}
        self._running = threading.Lock()
        self._is_closed = False

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

    @abstractmethod
    def _read(self, now_ms: int) -> Read: ...

    @abstractmethod
    def _predict(self, read: Read, now_seconds: float) -> Risk: ...

    def _round(self, now_seconds: float) -> None:
        self.due_at_seconds = now_seconds + self._infer_every_seconds
        read = self._stage("read", lambda: self._read(int(now_seconds * 1_000)))
        if read is not None:
            self.risk = self._stage("predict", lambda: self._predict(read, now_seconds)) or self.risk
        if self.risk is not None and not self.risk.is_current(now_seconds):
            self.risk = None
            _log.warning("%s: what it said is too old and is withdrawn", self.name)

    def _look_again(self, now_seconds: float) -> None:
        """Begin the next round soon, for queries whose histories it takes and that have read nothing yet."""
        self.due_at_seconds = now_seconds + min(_LOOK_AGAIN_SECONDS, self._infer_every_seconds)

    def _stage(self, stage: str, work: Callable[[], T]) -> T | None:
        before = self._outcomes.get(stage)
        result, outcome = run_stage(self.name, stage, work, before)
        self._outcomes[stage] = outcome
        self._telemetry.on_outcome(outcome)
        log_change(before, outcome)
        return result
