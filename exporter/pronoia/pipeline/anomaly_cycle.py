"""One watch, round by round: read its queries, score what is new, learn anew what is usual."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError, NoSeries
from pronoia.pipeline.anomaly_fits import AnomalyFits
from pronoia.pipeline.anomaly_subjects import subjects_of, values_on
from pronoia.pipeline.holiday_direction import direction_at
from pronoia.pipeline.round_cycle import RoundCycle
from pronoia.pipeline.sibling_scores import SiblingScores
from pronoia.pipeline.why_not_yet import why_no_score
from pronoia.predictions.anomaly_watch import AnomalyWatch, anomaly_stage
from pronoia.promql.selector import parse_selector
from pronoia.series import Grid
from pronoia.series.matchers import matches_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pronoia.config.resolved_anomaly import ResolvedWatch
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.anomaly_reader import AnomalyRead, AnomalyReader
    from pronoia.pipeline.anomaly_subjects import Subjects
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.series import History, LabelSet


class AnomalyCycle(RoundCycle["AnomalyRead", AnomalyWatch]):
    """Everything that happens to one watch in one round.

    Args:
        watch: which.
        reader: gives its histories.
        pool: where what is usual is learnt.
        telemetry: told of every outcome.
        on_due: called when it wants to run earlier than announced.
    """

    def __init__(
        self,
        watch: ResolvedWatch,
        reader: AnomalyReader,
        *,
        pool: FitPool,
        telemetry: Telemetry,
        on_due: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(anomaly_stage(watch.name), watch.infer_every_seconds, telemetry)
        self.watch = watch
        self._reader = reader
        self._on_due = on_due
        self._fits = AnomalyFits(watch, pool, telemetry, self._fit_ended)
        self._siblings = SiblingScores(watch, pool, telemetry, self._fit_ended)
        self._mutes = tuple(parse_selector(selector) for selector in watch.mute)
        self._counted = Counter[str]()

    @property
    def max_series(self) -> int:
        """More series of a query than that are dropped."""
        return self._reader.max_series

    def close(self) -> None:
        """No further round begins, and a fit that has not started is dropped."""
        super().close()
        self._fits.cancel()
        self._siblings.cancel()

    def _round(self, now_seconds: float) -> None:
        shown = self.risk
        super()._round(now_seconds)
        if shown is not None and self.risk is None:
            self._telemetry.on_anomalies_withdrawn(self.watch.name)
        # Those that it reads itself are asked no more often than any: a server that refuses has enough to do.
        if self._reader.awaited_queries():
            self._look_again(now_seconds)

    def _read(self, now_ms: int) -> AnomalyRead:
        return self._reader.read(now_ms)

    def _predict(self, read: AnomalyRead, now_seconds: float) -> AnomalyWatch:
        step_ms = self.watch.step_seconds * 1_000
        end_ms = read.until_ms // step_ms * step_ms
        subjects = subjects_of(self.watch, read.histories)
        young = self._fits.advance(subjects, read.histories, end_ms)
        for history in read.histories.values():
            self._siblings.advance(history, end_ms)
        self._catch_up(subjects, read.histories, end_ms, direction_at(self.watch, now_seconds))
        preparations = [each.model.preparation for each in self._fits.watched.values()]
        skipped = {
            **subjects.skipped,
            "constant": sum(each.n_constant for each in preparations),
            "few_samples": sum(each.n_empty for each in preparations),
            "warm_up": len(young),
            "not_learnable": len(self._fits.refused),
            "unread_query": len(self._reader.unread),
        }
        told = self._told(subjects, {reason: n for reason, n in skipped.items() if n}, now_seconds)
        self._report(told)
        if not told.n_subjects:
            left_seconds = max(young.values(), default=0) / 1_000
            raise NoSeries(why_no_score(self.watch, len(subjects.of), told.skipped, left_seconds))
        return told

    def _told(self, subjects: Subjects, skipped: Mapping[str, int], now_seconds: float) -> AnomalyWatch:
        now_ms = int(now_seconds * 1_000)
        labels = tuple(subject for subject in subjects.of if subject in self._fits.watched)
        watched = [self._fits.watched[subject] for subject in labels]
        newest = [each.now(now_ms) for each in watched]
        return AnomalyWatch(
            kind=self.watch.kind,
            name=self.watch.name,
            labels=labels,
            made_at_seconds=now_seconds,
            max_age_seconds=float(self.watch.max_age_seconds),
            score=np.array([each.score for each in newest], np.float64),
            direction=np.array([each.direction for each in newest], np.float64),
            since_seconds=np.array([each.since_seconds(now_ms) for each in watched], np.float64),
            fitted_at_seconds=np.array([each.fitted_at_ms / 1_000 for each in watched], np.float64),
            metrics=tuple(each.metrics for each in newest),
            n_told=self.watch.top,
            peer_score=np.array([self._siblings.score(each, now_ms) for each in labels], np.float64),
            quiet=frozenset(each for each in labels if self._is_quiet(each)),
            detector=self.watch.detector,
            false_alarms_per_day=self.watch.false_alarms_per_day,
            skipped=skipped,
        )

    def _catch_up(self, subjects: Subjects, read: Mapping[str, History], end_ms: int, direction: str) -> None:
        step_ms, watched = self.watch.step_seconds * 1_000, self._fits.watched
        for labels, before in list(watched.items()):
            n_steps = (end_ms - before.at_ms) // step_ms
            if n_steps > 0:
                grid = Grid.ending_at(end_ms, step_ms, n_steps)
                values = values_on(read, subjects.columns[labels], before.metrics, grid)
                try:
                    watched[labels] = before.advanced(values, step_ms, direction)
                except (ArithmeticError, ModelError, ValueError) as error:
                    # One that cannot be scored costs no other its score; it is learnt anew when that is due.
                    self._fits.refuse(labels, f"cannot be scored: {error}")

    def _is_quiet(self, labels: LabelSet) -> bool:
        return any(matches_all(selector, labels) for selector in self._mutes)

    def _report(self, told: AnomalyWatch) -> None:
        """Counters of episodes and of time, of all subjects together, grow by what is new."""
        watched = self._fits.watched.values()
        sums = Counter(
            episodes=sum(each.n_episodes for each in watched),
            seconds=sum(each.n_scored for each in watched) * self.watch.step_seconds,
        )
        # Subjects that are gone take their counts with them: nothing is new then.
        new = sums - self._counted
        self._counted = sums
        self._telemetry.on_anomalies(told, n_episodes=new["episodes"], scored_seconds=new["seconds"])

    def _fit_ended(self) -> None:
        """Called from any thread: take it up soon."""
        self.due_at_seconds = 0.0
        self._on_due()
