"""One resource, round by round: gather its slots, ask the classifiers."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, TypeVar

from pronoia.errors import NoSeries
from pronoia.pipeline.bottleneck_assessment import assess
from pronoia.pipeline.bottleneck_fits import BottleneckFits
from pronoia.pipeline.bottleneck_input import Observed
from pronoia.pipeline.bottleneck_learning import BottleneckLearning
from pronoia.pipeline.bottleneck_load import BottleneckLoad
from pronoia.pipeline.bottleneck_state import BottleneckState
from pronoia.pipeline.stage import log_change, run_stage
from pronoia.predictions.bottleneck import stage_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.bottleneck_model import BottleneckModel
    from pronoia.pipeline.bottleneck_reader import BottleneckReader
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.pipeline.query_cycle import QueryCycle
    from pronoia.predictions.bottleneck import BottleneckRisk
    from pronoia.predictions.outcome import StageOutcome
    from pronoia.series import History
    from pronoia.storage.state import StateStore

_log = logging.getLogger(__name__)
T = TypeVar("T")

# While its query has read nothing yet, the resource looks again after so long.
_LOOK_AGAIN_SECONDS = 2.0
_SAVE_EVERY_SECONDS = 300.0


class BottleneckCycle:
    """Everything that happens to one resource in one round; rounds of one resource never overlap.

    A round that fails leaves the last risks on show until their `max_age`.

    Args:
        resource: which.
        reader: gives its histories.
        model: the classifiers in use.
        queries: finds a running query, whose forecast tells when the threshold is crossed.
        pool: where classifiers are fitted to the history.
        store: where they are kept over a restart; None keeps none.
        telemetry: told of every outcome.
        on_due: called when it wants to run earlier than announced.
    """

    def __init__(
        self,
        resource: ResolvedResource,
        reader: BottleneckReader,
        model: BottleneckModel,
        queries: Callable[[str], QueryCycle | None],
        *,
        pool: FitPool,
        store: StateStore | None,
        telemetry: Telemetry,
        on_due: Callable[[], None] = lambda: None,
    ) -> None:
        self.resource = resource
        self.risk: BottleneckRisk | None = None
        self.due_at_seconds = 0.0
        self._reader = reader
        self._model = model
        self._load = BottleneckLoad()
        self._queries = queries
        self._telemetry = telemetry
        self._learning = BottleneckLearning(resource, telemetry)
        self._outcomes: dict[str, StageOutcome] = {}
        self._running = threading.Lock()
        self._is_closed = False
        self._is_finished = False
        self._on_due = on_due
        self._fits = BottleneckFits(resource, model, pool, telemetry, self._fit_ended)
        self._state = BottleneckState(resource, store)
        self._saved_at_seconds = 0.0
        self._restore()

    @property
    def name(self) -> str:
        """What it is called among the queries."""
        return stage_name(self.resource.name)

    @property
    def outcomes(self) -> tuple[StageOutcome, ...]:
        """The latest outcome of each stage."""
        return tuple(self._outcomes.values())

    def run(self, now_seconds: float) -> None:
        """One round. Never raises: what goes wrong becomes an outcome."""
        with self._running:
            if not self._is_closed:
                self._round(now_seconds)
        if self._is_closed:
            self._finish_if_idle()

    def close(self) -> None:
        """No further round begins; what was learnt is saved, after a round in progress at its end."""
        self._is_closed = True
        self._finish_if_idle()

    def _round(self, now_seconds: float) -> None:
        self.due_at_seconds = now_seconds + self.resource.infer_every_seconds
        utilisation = self._stage("read", lambda: self._reader.utilisation(int(now_seconds * 1000)))
        if utilisation is None:
            if self.risk is None:
                self.due_at_seconds = now_seconds + min(_LOOK_AGAIN_SECONDS, self.resource.infer_every_seconds)
        else:
            risk = self._stage("predict", lambda: self._predict(utilisation, now_seconds))
            self.risk = risk or self.risk
            if self._state.is_kept and abs(now_seconds - self._saved_at_seconds) >= _SAVE_EVERY_SECONDS:
                self._saved_at_seconds = now_seconds
                # A stage of its own: a full disk costs the state, not the prediction.
                self._stage("save", self._save_learnt)
        if self.risk is not None and not self.risk.is_current(now_seconds):
            self.risk = None
            self._telemetry.on_bottleneck(None, self.resource.name, {})
            _log.warning(
                "%s: its probabilities are older than %d s and are withdrawn", self.name, self.resource.max_age_seconds
            )

    def _predict(self, utilisation: History, now_seconds: float) -> BottleneckRisk:
        observed = Observed(
            self.resource, utilisation, self._reader.companions(), int(now_seconds * 1000), self._reader.further()
        )
        asked = self._load.advance(observed)
        if not len(asked.rows):
            self._telemetry.on_bottleneck(None, self.resource.name, asked.skipped)
            reasons = ", ".join(f"{n} {reason}" for reason, n in asked.skipped.items())
            raise NoSeries(f"nothing can be said of any of {asked.load.n_subjects} series: {reasons}")
        query = self._queries(self.resource.query) if self.resource.query else None
        forecast = query.forecast if query is not None else None
        if self._fits.advance(observed.whole, now_seconds) and self._state.is_kept:
            self._stage("save", lambda: self._state.save_model(self._model.risks, self._model.told))
        risks, told = self._model.risks, self._model.told
        self._learning.observe(asked.recent, risks)
        risk, issued = assess(
            self.resource,
            asked,
            risks,
            told,
            correct=self._learning.corrected,
            forecast=forecast,
            now_seconds=now_seconds,
        )
        self._learning.remember(issued)
        self._telemetry.on_bottleneck(risk, self.resource.name, asked.skipped)
        return risk

    def _fit_ended(self) -> None:
        """Called from any thread: take it up soon."""
        self.due_at_seconds = 0.0
        self._on_due()

    def _finish_if_idle(self) -> None:
        # Whoever finds the lock taken leaves it to its holder, who looks at `_is_closed` after letting go.
        if self._running.acquire(blocking=False):
            try:
                if not self._is_finished:
                    self._is_finished = True
                    self._fits.cancel()
                    self._stage("save", self._save_learnt)
            finally:
                self._running.release()

    def _save_learnt(self) -> None:
        if self._state.is_kept and self.risk is not None:
            self._state.save_learnt(self._learning.to_arrays(), self._model.told)

    def _restore(self) -> None:
        saved = self._state.load_model()
        if saved is not None:
            self._model.take_up(*saved)
        else:
            self._model.tell()
        learnt = self._state.load_learnt(self._model.told)
        if learnt is not None:
            self._learning.restore(learnt)

    def _stage(self, stage: str, work: Callable[[], T]) -> T | None:
        before = self._outcomes.get(stage)
        result, outcome = run_stage(self.name, stage, work, before)
        self._outcomes[stage] = outcome
        self._telemetry.on_outcome(outcome)
        log_change(before, outcome)
        return result
