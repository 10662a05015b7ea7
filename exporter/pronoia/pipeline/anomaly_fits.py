"""When what is usual is learnt anew, and what becomes of that."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.anomaly.fit_many import fit_many
from pronoia.models.anomaly.model import MIN_HISTORY_STEPS, AnomalySettings
from pronoia.pipeline.anomaly_state import WatchedSubject
from pronoia.pipeline.anomaly_subjects import values_on
from pronoia.series import Grid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from pronoia.config.resolved_anomaly import ResolvedWatch
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.models.anomaly.model import AnomalyModel
    from pronoia.pipeline.anomaly_subjects import Metric, Subjects
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.series import History, LabelSet

_log = logging.getLogger(__name__)

# The newest part of a history is scored, not learnt from: what is wrong now shall not count as usual after a restart,
# and there is a score as soon as there is a model.
_SCORED_SECONDS = 3_600
# At most this share of what is needed at least.
_SCORED_SHARE = 0.1
# A subject with metrics that it had not when it was learnt is learnt again no sooner than this.
_GROWN_SECONDS = 3_600
# A fit that failed is tried again so much later, once: its worker may have died of another's fit.
_TRIED_AGAIN_SECONDS = 600
# Values of one fit: some seconds of a worker, so that fits of forecasts get their turn between.
_VALUES_OF_A_FIT = 4_000_000


@dataclass(frozen=True, slots=True)
class _Asked:
    labels: tuple[LabelSet, ...]
    metrics: tuple[tuple[Metric, ...], ...]
    learnt_ms: int


class AnomalyFits:
    """One fit of a few subjects at a time, in a worker process. Not to be shared by threads.

    Args:
        watch: whose.
        pool: where fits run.
        telemetry: told what became of each.
        on_done: called from any thread when a fit has ended.
    """

    def __init__(self, watch: ResolvedWatch, pool: FitPool, telemetry: Telemetry, on_done: Callable[[], None]) -> None:
        self.watched: dict[LabelSet, WatchedSubject] = {}
        #: Why there is no model of a subject, of those that were tried.
        self.refused: dict[LabelSet, str] = {}
        self._watch = watch
        self._pool = pool
        self._telemetry = telemetry
        self._on_done = on_done
        self._future: Future[list[AnomalyModel | str]] | None = None
        self._asked = _Asked((), (), 0)
        self._tried_ms: dict[LabelSet, int] = {}
        self._failed_once: set[LabelSet] = set()
        self._settings = AnomalySettings(
            float(watch.step_seconds),
            watch.detector,
            watch.false_alarms_per_day,
            watch.direction,
            watch.min_absolute,
            watch.min_relative,
        )

    def advance(self, subjects: Subjects, histories: Mapping[str, History], end_ms: int) -> dict[LabelSet, int]:
        """Take up a fit that has ended, start one that is due, forget who is gone.

        Returns:
            those that have too little history yet, and for how many milliseconds that will be so.
        """
        if self._future is not None and self._future.done():
            self._take_up(self._future)
            self._future = None
        for known in (self.watched, self.refused, self._tried_ms):
            for gone in known.keys() - subjects.of.keys():
                del known[gone]
        self._failed_once &= subjects.of.keys()
        due, young = self._due(subjects, histories, end_ms)
        if self._future is None and due:
            self._start(due, subjects, histories, end_ms)
        return young

    def refuse(self, subject: LabelSet, reason: str) -> None:
        """Say nothing of a subject until it is learnt anew."""
        if self.refused.get(subject) != reason:
            _log.info("anomaly %s: nothing is said of %s: %s", self._watch.name, subject, reason)
        self.refused[subject] = reason
        self.watched.pop(subject, None)

    def cancel(self) -> None:
        """Drop a fit that has not started."""
        if self._future is not None:
            self._future.cancel()

    def _due(
        self, subjects: Subjects, histories: Mapping[str, History], end_ms: int
    ) -> tuple[list[LabelSet], dict[LabelSet, int]]:
        """Whose model is missing or old, the longest waiting first, and who has too little history for how long."""
        every_ms, warm_up_ms = self._watch.fit_every_seconds * 1_000, self._watch.warm_up_seconds * 1_000
        firsts = {query: history.first_sample_ms() for query, history in histories.items()}
        due: list[LabelSet] = []
        young: dict[LabelSet, int] = {}
        for subject, columns in subjects.columns.items():
            tried, known = self._tried_ms.get(subject), self.watched.get(subject)
            has_grown = known is not None and not columns.keys() <= set(known.metrics)
            rest_ms = min(every_ms, _GROWN_SECONDS * 1_000) if has_grown else every_ms
            # Further ahead than now: the clock was set back.
            if tried is not None and 0 <= end_ms - tried < rest_ms:
                continue
            if known is None:
                first = min(int(firsts[query][number]) for query, number in columns.values())
                # A sample does not come at the very start of its history.
                left_ms = first + warm_up_ms - self._watch.step_seconds * 1_000 - end_ms
                if left_ms > 0:
                    young[subject] = left_ms
                    continue
            due.append(subject)
        due.sort(key=lambda subject: self._tried_ms.get(subject, 0))
        return due, young

    def _start(self, due: list[LabelSet], subjects: Subjects, histories: Mapping[str, History], end_ms: int) -> None:
        step_ms = self._watch.step_seconds * 1_000
        learnt_ms = learnt_until_ms(self._watch, end_ms)
        grid = Grid.ending_at(learnt_ms, step_ms, self._watch.history_seconds * 1_000 // step_ms)
        chosen: list[LabelSet] = []
        values: list[NDArray[np.float64]] = []
        for subject in due:
            metrics = subjects.of[subject]
            if values and sum(each.size for each in values) + grid.n_steps * len(metrics) > _VALUES_OF_A_FIT:
                break
            chosen.append(subject)
            values.append(_since_the_first(values_on(histories, subjects.columns[subject], metrics, grid)))
        self._asked = _Asked(tuple(chosen), tuple(subjects.of[subject] for subject in chosen), learnt_ms)
        self._tried_ms.update(dict.fromkeys(chosen, end_ms))
        try:
            self._future = self._pool.submit_work(fit_many, values, self._settings)
        except (RuntimeError, OSError) as error:  # no process can be started, or the pool is closed
            self._failed(repr(error))
            return
        self._future.add_done_callback(lambda _: self._on_done())

    def _take_up(self, future: Future[list[AnomalyModel | str]]) -> None:
        if future.cancelled():
            return
        if (error := future.exception()) is not None:
            self._failed(repr(error))
            return
        n_fitted = 0
        for subject, metrics, model in zip(self._asked.labels, self._asked.metrics, future.result(), strict=True):
            if isinstance(model, str):
                self.refuse(subject, model)
                continue
            n_fitted += 1
            self._failed_once.discard(subject)
            self.refused.pop(subject, None)
            before = self.watched.get(subject)
            at_ms = self._asked.learnt_ms
            self.watched[subject] = (
                WatchedSubject(model, metrics, at_ms, at_ms)
                if before is None
                else before.refitted(model, metrics, at_ms)
            )
        self._telemetry.on_anomaly_fits(self._watch.name, "fitted", n_fitted)
        self._telemetry.on_anomaly_fits(self._watch.name, "not_possible", len(self._asked.labels) - n_fitted)

    def _failed(self, reason: str) -> None:
        """They are tried again soon, then when a fit is due again; until then older models speak."""
        for subject in self._asked.labels:
            if subject in self._failed_once:
                self._failed_once.remove(subject)
            elif subject in self._tried_ms:
                self._failed_once.add(subject)
                self._tried_ms[subject] -= sooner_ms(self._watch)
        self._telemetry.on_anomaly_fits(self._watch.name, "failed", len(self._asked.labels))
        _log.error("anomaly %s: a fit of %d subjects failed: %s", self._watch.name, len(self._asked.labels), reason)


def sooner_ms(watch: ResolvedWatch) -> int:
    """By how much a fit that failed is due sooner than one that did not."""
    return max(watch.fit_every_seconds - _TRIED_AGAIN_SECONDS, 0) * 1_000


def learnt_until_ms(watch: ResolvedWatch, end_ms: int) -> int:
    """The end of what is learnt from, of a history that ends at a step."""
    n_scored = min(_SCORED_SECONDS, int(_SCORED_SHARE * watch.warm_up_seconds)) // watch.step_seconds
    return end_ms - max(n_scored, 1) * watch.step_seconds * 1_000


def _since_the_first(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without the steps before the first sample; never fewer than can be learnt from."""
    known = np.isfinite(values).any(axis=1)
    first = int(known.argmax()) if known.any() else 0
    return values[min(first, max(len(values) - MIN_HISTORY_STEPS, 0)) :]
