"""One watched series or system: its model, where it stands, and since when it has been unusual."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.anomaly.calibration import EPISODE_GAP_SECONDS
from pronoia.predictions.anomaly_watch import MetricState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.anomaly.model import AnomalyModel
    from pronoia.pipeline.anomaly_subjects import Metric

# As long as a sample stands for now in PromQL.
_STANDS_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class NewestScore:
    """What is said of the newest step of which something is known; NaN and nothing where that is too long ago."""

    score: float = math.nan
    direction: float = math.nan
    metrics: tuple[MetricState, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class WatchedSubject:
    """A series or system with a model.

    Args:
        model: fitted, and gone on to `at_ms`.
        metrics: what its columns are.
        fitted_at_ms: end of the history that it was fitted to.
        at_ms: the newest step that was scored.
        newest: what was said last.
        newest_ms: of which step.
        beyond_ms: the newest step beyond the line; -1 before the first.
        since_ms: when that episode began.
        n_episodes: begun since the start.
        n_scored: steps of which something was known, since the start.
    """

    model: AnomalyModel
    metrics: tuple[Metric, ...]
    fitted_at_ms: int
    at_ms: int
    newest: NewestScore = NewestScore()
    newest_ms: int = -1
    beyond_ms: int = -1
    since_ms: int = -1
    n_episodes: int = 0
    n_scored: int = 0

    def refitted(self, model: AnomalyModel, metrics: tuple[Metric, ...], fitted_at_ms: int) -> WatchedSubject:
        """The same subject with a new model, which has to catch up from the end of its history."""
        if fitted_at_ms < self.fitted_at_ms:
            # The clock was set back: what was said before is of a time that has not come.
            return WatchedSubject(
                model, metrics, fitted_at_ms, fitted_at_ms, n_episodes=self.n_episodes, n_scored=self.n_scored
            )
        return replace(self, model=model, metrics=metrics, fitted_at_ms=fitted_at_ms, at_ms=fitted_at_ms)

    def advanced(self, values: NDArray[np.float64], step_ms: int, direction: str) -> WatchedSubject:
        """Score the steps after `at_ms`, float64 (n_steps, n_metrics), of which `direction` counts.

        Steps that were scored before, by a model that has been replaced since, begin no episode.
        """
        times = self.at_ms + step_ms * np.arange(1, len(values) + 1, dtype=np.int64)
        result, model = _model_for(self.model, direction).advance(values)
        score = np.zeros_like(result.score) if direction == "none" else result.score
        known = np.flatnonzero(np.isfinite(result.score))
        seen_until = max(self.newest_ms, self.fitted_at_ms)
        beyond, since, n_episodes = self.beyond_ms, self.since_ms, self.n_episodes
        gap_ms = max(EPISODE_GAP_SECONDS * 1_000, step_ms)
        for time in times[(score > 1.0) & (times > seen_until)].tolist():
            if beyond < 0 or time - beyond > gap_ms:
                since, n_episodes = time, n_episodes + 1
            beyond = time
        newest, newest_ms = self.newest, self.newest_ms
        if len(known):
            last = int(known[-1])
            newest_ms = int(times[last])
            order = result.top(last, len(self.metrics))
            rest = [each for each in range(len(self.metrics)) if each not in order]
            newest = NewestScore(
                float(score[last]),
                float(result.direction[last]),
                tuple(
                    MetricState(
                        self.metrics[each].name,
                        float(values[last, each]),
                        self.metrics[each].possible(float(result.lower[last, each])),
                        self.metrics[each].possible(float(result.upper[last, each])),
                        float(np.nan_to_num(result.contributions[last, each])),
                        float(result.lower[last, each] + result.upper[last, each]) / 2.0,
                    )
                    for each in (*order, *rest)
                ),
            )
        return replace(
            self,
            model=replace(model, settings=self.model.settings),
            at_ms=int(times[-1]) if len(times) else self.at_ms,
            newest=newest,
            newest_ms=newest_ms,
            beyond_ms=beyond,
            since_ms=since,
            n_episodes=n_episodes,
            n_scored=self.n_scored + int((times[known] > seen_until).sum()),
        )

    def now(self, now_ms: int) -> NewestScore:
        """What is said of it now."""
        stands_ms = stands_seconds(self.model.settings.step_seconds) * 1_000
        return self.newest if now_ms - self.newest_ms <= stands_ms else NewestScore()

    def since_seconds(self, now_ms: int) -> float:
        """Unix time since when it has been beyond the line; NaN if it is not."""
        return self.since_ms / 1_000 if self.now(now_ms).score > 1.0 else math.nan


def stands_seconds(step_seconds: float) -> float:
    """How old a score may be to stand for now: of long steps, until the next one has been read."""
    return max(_STANDS_SECONDS, 2.0 * step_seconds)


def _model_for(model: AnomalyModel, direction: str) -> AnomalyModel:
    if direction in ("none", model.settings.direction):
        return model
    return replace(model, settings=replace(model.settings, direction=direction))
