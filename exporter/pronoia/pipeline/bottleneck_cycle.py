"""One resource, round by round: gather its slots, ask the classifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import NoSeries
from pronoia.pipeline.bottleneck_assessment import assess
from pronoia.pipeline.bottleneck_fits import BottleneckFits
from pronoia.pipeline.bottleneck_input import Observed
from pronoia.pipeline.bottleneck_learning import BottleneckLearning
from pronoia.pipeline.bottleneck_load import BottleneckLoad
from pronoia.pipeline.bottleneck_state import BottleneckState
from pronoia.pipeline.round_cycle import RoundCycle
from pronoia.predictions.bottleneck import BottleneckRisk, stage_name
from pronoia.predictions.outcome import OutcomeState
from pronoia.series import History

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.bottleneck_model import BottleneckModel
    from pronoia.pipeline.bottleneck_reader import BottleneckReader
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.pipeline.query_cycle import QueryCycle
    from pronoia.storage.state import StateStore

_SAVE_EVERY_SECONDS = 300.0


class BottleneckCycle(RoundCycle[History, BottleneckRisk]):
    """Everything that happens to one resource in one round.

    Other than what RoundCycle says, the classifiers and what was learnt of them are kept over a restart.

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
        super().__init__(stage_name(resource.name), resource.infer_every_seconds, telemetry)
        self.resource = resource
        self._reader = reader
        self._model = model
        self._load = BottleneckLoad()
        self._queries = queries
        self._learning = BottleneckLearning(resource, telemetry)
        self._is_finished = False
        self._on_due = on_due
        self._fits = BottleneckFits(resource, model, pool, telemetry, self._fit_ended)
        self._state = BottleneckState(resource, store)
        self._saved_at_seconds = 0.0
        self._restore()

    def run(self, now_seconds: float) -> None:
        """One round, and after `close` the end. Never raises: what goes wrong becomes an outcome."""
        super().run(now_seconds)
        if self._is_closed:
            self._finish_if_idle()

    def close(self) -> None:
        """No further round begins; what was learnt is saved, after a round in progress at its end."""
        super().close()
        self._finish_if_idle()

    def _round(self, now_seconds: float) -> None:
        shown = self.risk
        super()._round(now_seconds)
        if self._outcomes["read"].state is not OutcomeState.OK:
            # What it reads itself is asked for no more often than ever: a server that refuses has enough to do.
            if self._reader.waits_for_query:
                self._look_again(now_seconds)
        elif self._state.is_kept and abs(now_seconds - self._saved_at_seconds) >= _SAVE_EVERY_SECONDS:
            self._saved_at_seconds = now_seconds
            # A stage of its own: a full disk costs the state, not the prediction.
            self._stage("save", self._save_learnt)
        if shown is not None and self.risk is None:
            self._telemetry.on_bottleneck(None, self.resource.name, {})

    def _read(self, now_ms: int) -> History:
        return self._reader.utilisation(now_ms)

    def _predict(self, read: History, now_seconds: float) -> BottleneckRisk:
        observed = Observed(
            self.resource, read, self._reader.companions(), int(now_seconds * 1000), self._reader.further()
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
