"""Fit detectors to the history of each system, score what follows, and count."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.evaluation.anomaly.episodes import EpisodeCounts, count_episodes
from pronoia.evaluation.anomaly.rules import SIMPLE_RULES
from pronoia.evaluation.anomaly.vus import vus_pr
from pronoia.models.anomaly.calibration import gap_steps
from pronoia.models.anomaly.model import AnomalySettings, fit_anomalies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pronoia.evaluation.anomaly.recorded import LabelledSystem

_N_DRAWS = 1_000


@dataclass(frozen=True, slots=True)
class SystemScore:
    """What a detector reached on one system.

    Args:
        system: its name.
        vus_pr: NaN where no step of the test is anomalous.
        counts: at the line.
        cpu_seconds: that fitting and scoring took.
    """

    system: str
    vus_pr: float
    counts: EpisodeCounts
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class DetectorReport:
    """What a detector, or a simple rule, reached on all systems.

    Args:
        name: of the detector.
        scores: of the systems it could be fitted to.
        failed: systems that it could not be fitted to, and why.
    """

    name: str
    scores: tuple[SystemScore, ...]
    failed: tuple[tuple[str, str], ...]

    @property
    def vus_pr(self) -> float:
        """Mean over systems with anomalies."""
        known = self._vus()
        return float(known.mean()) if len(known) else float("nan")

    @property
    def event_recall(self) -> float:
        """Share of labelled spans in which an alarm was on."""
        return _ratio(sum(s.counts.n_found for s in self.scores), sum(s.counts.n_events for s in self.scores))

    @property
    def episode_precision(self) -> float:
        """Share of alarm episodes that overlap a labelled span."""
        return _ratio(sum(s.counts.n_right for s in self.scores), sum(s.counts.n_episodes for s in self.scores))

    @property
    def false_alarms_per_day(self) -> float:
        """Episodes without a labelled step, per day of unlabelled steps."""
        return _ratio(sum(s.counts.n_false for s in self.scores), sum(s.counts.normal_days for s in self.scores))

    def interval(self, level: float = 0.95, seed: int = 0) -> tuple[float, float]:
        """Percentile bootstrap interval of the mean VUS-PR over systems."""
        known = self._vus()
        if not len(known):
            return float("nan"), float("nan")
        means = np.random.default_rng(seed).choice(known, (_N_DRAWS, len(known))).mean(axis=1)
        low, high = np.quantile(means, (0.5 - level / 2.0, 0.5 + level / 2.0))
        return float(low), float(high)

    def _vus(self) -> NDArray[np.float64]:
        return np.array([score.vus_pr for score in self.scores if np.isfinite(score.vus_pr)])


def run_anomaly_backtest(
    systems: Sequence[LabelledSystem],
    detectors: Sequence[str],
    false_alarms_per_day: float,
    on_progress: Callable[[str], None],
) -> list[DetectorReport]:
    """Score each detector on each system, simple rules first; no score is adjusted by what the labels say.

    Raises:
        ConfigError: if there is no such detector, or its library is missing.
    """
    reports = []
    for name in (*SIMPLE_RULES, *detectors):
        on_progress(name)
        scores, failed = [], []
        for system in systems:
            try:
                scores.append(_score(system, name, false_alarms_per_day))
            except ModelError as error:
                failed.append((system.name, error.reason))
        reports.append(DetectorReport(name, tuple(scores), tuple(failed)))
    return reports


def _score(system: LabelledSystem, name: str, false_alarms_per_day: float) -> SystemScore:
    started = time.process_time()
    if name in SIMPLE_RULES:
        score = SIMPLE_RULES[name](system.train, system.test)
    else:
        settings = AnomalySettings(system.step_seconds, name, false_alarms_per_day)
        score = fit_anomalies(system.train, settings).score(system.test).score
    spent = time.process_time() - started
    score = np.nan_to_num(score)
    is_mixed = system.label.any() and not system.label.all()
    area = vus_pr(system.label, score) if is_mixed else float("nan")
    counts = count_episodes(system.label, score, gap_steps(system.step_seconds), system.step_seconds)
    return SystemScore(system.name, area, counts, spent)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
