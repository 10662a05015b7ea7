"""Siblings of one watch: who differs from the others, learnt and scored group by group."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.anomaly.peers import MIN_PEERS, PeerModel, fit_peers
from pronoia.pipeline.anomaly_fits import learnt_until_ms, sooner_ms
from pronoia.pipeline.anomaly_state import stands_seconds
from pronoia.pipeline.anomaly_subjects import LATE_STEPS
from pronoia.series import Grid, align

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from pronoia.config.resolved_anomaly import ResolvedWatch
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.series import History, LabelSet

_log = logging.getLogger(__name__)

#: Values of the labels that siblings have in common.
Group = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WatchedGroup:
    """Siblings with a model that has gone on to `at_ms`, and what was said of each last, by the step it was said of."""

    model: PeerModel
    labels: tuple[LabelSet, ...]
    at_ms: int
    score: NDArray[np.float64]
    scored_ms: NDArray[np.int64]

    def advanced(self, values: NDArray[np.float64], step_ms: int) -> WatchedGroup:
        """Score the steps after `at_ms`, float64 (n_steps, n_siblings)."""
        result, model = self.model.advance(values)
        score, scored_ms = self.score.copy(), self.scored_ms.copy()
        known = np.isfinite(result.score)
        last = len(known) - 1 - known[::-1].argmax(axis=0)
        told = known.any(axis=0)
        score[told] = result.score[last[told], told]
        scored_ms[told] = self.at_ms + step_ms * (last[told] + 1)
        return replace(self, model=model, at_ms=self.at_ms + step_ms * len(values), score=score, scored_ms=scored_ms)


class SiblingScores:
    """What is known of all groups of siblings of a query. Not to be shared by threads.

    Args:
        watch: of a query; without `siblings` there are no groups.
        pool: where it is learnt how siblings differ, one group at a time.
        telemetry: told what became of that.
        on_done: called from any thread when it has been learnt.
    """

    def __init__(self, watch: ResolvedWatch, pool: FitPool, telemetry: Telemetry, on_done: Callable[[], None]) -> None:
        self._watch = watch
        self._pool = pool
        self._telemetry = telemetry
        self._on_done = on_done
        self._groups: dict[Group, WatchedGroup] = {}
        self._tried_ms: dict[Group, int] = {}
        self._failed_once: set[Group] = set()
        self._future: Future[PeerModel] | None = None
        self._asked: tuple[Group, tuple[LabelSet, ...], int] = ((), (), 0)

    def advance(self, history: History, end_ms: int) -> None:
        """Take up what has been learnt, score what is new, have learnt what is due, forget who is gone."""
        if not self._watch.siblings:
            return
        if self._future is not None and self._future.done():
            self._take_up(self._future)
            self._future = None
        rows = {labels: row for row, labels in enumerate(history.labels)}
        members = self._members(history, end_ms)
        for known in (self._groups, self._tried_ms):
            for gone in known.keys() - members.keys():
                del known[gone]
        self._failed_once &= members.keys()
        step_ms = self._watch.step_seconds * 1_000
        for group, watched in list(self._groups.items()):
            n_steps = (end_ms - watched.at_ms) // step_ms
            if n_steps > 0:
                grid = Grid.ending_at(end_ms, step_ms, n_steps)
                try:
                    self._groups[group] = watched.advanced(_values(history, watched.labels, rows, grid), step_ms)
                except (ArithmeticError, ModelError, ValueError) as error:
                    # A group that cannot be compared costs nobody else a score; it is learnt anew when that is due.
                    del self._groups[group]
                    _log.warning("anomaly %s: siblings %s cannot be compared: %s", self._watch.name, group, error)
        if self._future is None:
            self._start(members, history, rows, end_ms)

    def score(self, labels: LabelSet, now_ms: int) -> float:
        """How much a series differs from its siblings now; NaN where nothing can be said."""
        watched = self._groups.get(self._group(labels))
        if watched is None or labels not in watched.labels:
            return math.nan
        place = watched.labels.index(labels)
        is_new = now_ms - watched.scored_ms[place] <= stands_seconds(self._watch.step_seconds) * 1_000
        return float(watched.score[place]) if is_new else math.nan

    def cancel(self) -> None:
        """Drop what has not begun to be learnt."""
        if self._future is not None:
            self._future.cancel()

    def _group(self, labels: LabelSet) -> Group:
        return tuple(labels.get(name, "") for name in self._watch.siblings)

    def _members(self, history: History, end_ms: int) -> dict[Group, list[LabelSet]]:
        """Series with enough history, by group, of groups that are large enough to tell who differs."""
        # A sample does not come at the very start of its history.
        needed_ms = (self._watch.warm_up_seconds - self._watch.step_seconds) * 1_000
        found: dict[Group, list[LabelSet]] = {}
        for labels, first_ms in zip(history.labels, history.first_sample_ms().tolist(), strict=True):
            if end_ms - first_ms >= needed_ms:
                found.setdefault(self._group(labels), []).append(labels)
        most = self._watch.max_metrics
        return {group: labels[:most] for group, labels in found.items() if len(labels) >= MIN_PEERS}

    def _start(
        self,
        members: Mapping[Group, list[LabelSet]],
        history: History,
        rows: Mapping[LabelSet, int],
        end_ms: int,
    ) -> None:
        """The group that has waited longest, if one is due."""
        every_ms = self._watch.fit_every_seconds * 1_000
        due = [group for group in members if not 0 <= end_ms - self._tried_ms.get(group, -every_ms) < every_ms]
        if not due:
            return
        group = min(due, key=lambda each: self._tried_ms.get(each, 0))
        step_ms, learnt_ms = self._watch.step_seconds * 1_000, learnt_until_ms(self._watch, end_ms)
        grid = Grid.ending_at(learnt_ms, step_ms, self._watch.history_seconds * 1_000 // step_ms)
        labels = tuple(members[group])
        self._asked = group, labels, learnt_ms
        self._tried_ms[group] = end_ms
        rate = self._watch.false_alarms_per_day
        try:
            self._future = self._pool.submit_work(
                fit_peers, _values(history, labels, rows, grid), float(self._watch.step_seconds), rate
            )
        except (RuntimeError, OSError) as error:  # no process can be started, or the pool is closed
            self._failed(repr(error), "failed")
            return
        self._future.add_done_callback(lambda _: self._on_done())

    def _take_up(self, future: Future[PeerModel]) -> None:
        if future.cancelled():
            return
        if (error := future.exception()) is not None:
            is_data = isinstance(error, ModelError)
            self._failed(str(error) if is_data else repr(error), "not_possible" if is_data else "failed")
            return
        group, labels, learnt_ms = self._asked
        score, never = np.full(len(labels), np.nan), np.full(len(labels), -1, np.int64)
        self._failed_once.discard(group)
        self._groups[group] = WatchedGroup(future.result(), labels, learnt_ms, score, never)
        self._telemetry.on_anomaly_fits(self._watch.name, "fitted", 1)

    def _failed(self, reason: str, outcome: str) -> None:
        group, labels, _ = self._asked
        if group in self._failed_once:
            self._failed_once.remove(group)
        elif outcome == "failed" and group in self._tried_ms:
            self._failed_once.add(group)
            self._tried_ms[group] -= sooner_ms(self._watch)
        self._telemetry.on_anomaly_fits(self._watch.name, outcome, 1)
        level = logging.ERROR if outcome == "failed" else logging.INFO
        who = ", ".join(f'{name}="{value}"' for name, value in zip(self._watch.siblings, group, strict=True))
        _log.log(level, "anomaly %s: %d siblings (%s) not compared: %s", self._watch.name, len(labels), who, reason)


def _values(
    history: History, labels: tuple[LabelSet, ...], rows: Mapping[LabelSet, int], grid: Grid
) -> NDArray[np.float64]:
    """Of these series, float64 (n_steps, n_series); NaN for one that is gone."""
    there = [place for place, each in enumerate(labels) if each in rows]
    chosen = history.take(np.array([rows[labels[place]] for place in there], np.int64))
    values = np.full((grid.n_steps, len(labels)), np.nan)
    values[:, there] = align(chosen, grid, round(LATE_STEPS * grid.step_ms)).values.T
    return values
