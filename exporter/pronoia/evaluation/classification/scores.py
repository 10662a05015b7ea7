"""Scores of probabilities, with their sources.

All take bool `happened` and float `said` of one shape (n_rows,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def average_precision(happened: NDArray[np.bool_], said: NDArray[np.float64]) -> float:
    """PR-AUC: the mean of the precision over the recall gained at each distinct threshold; NaN if nothing happened.

    References:
        Davis, Goadrich, The relationship between precision-recall and ROC curves, ICML 2006 (why no interpolation).

    >>> average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.1])).__round__(3)
    0.833
    """
    precision, recall, _ = precision_recall_curve(happened, said)
    return float(np.sum(np.diff(recall, prepend=0.0) * precision)) if happened.any() else float("nan")


def precision_recall_curve(
    happened: NDArray[np.bool_], said: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Precision, recall and the threshold (alarm where said >= threshold) at each distinct value, highest first."""
    order = np.argsort(-said, kind="stable")
    sorted_said = said[order]
    last_of_ties = np.append(sorted_said[1:] != sorted_said[:-1], True) if len(said) else np.empty(0, bool)
    hits = np.cumsum(happened[order])[last_of_ties].astype(np.float64)
    alarms = np.arange(1.0, len(said) + 1)[last_of_ties]
    return hits / alarms, hits / max(float(happened.sum()), 1.0), sorted_said[last_of_ties]


@dataclass(frozen=True, slots=True)
class AlarmScore:
    """How alarms compare with what happened; ratios are NaN where they have no denominator."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where neither is positive."""
        total = self.precision + self.recall
        return 2.0 * self.precision * self.recall / total if total > 0.0 else 0.0


def alarm_score(happened: NDArray[np.bool_], alarm: NDArray[np.bool_]) -> AlarmScore:
    """Precision and recall of alarms.

    >>> score = alarm_score(np.array([True, True, False]), np.array([True, False, False]))
    >>> score.precision, score.recall
    (1.0, 0.5)
    """
    hits = float((happened & alarm).sum())
    n_alarms, n_events = float(alarm.sum()), float(happened.sum())
    return AlarmScore(
        precision=hits / n_alarms if n_alarms else float("nan"), recall=hits / n_events if n_events else float("nan")
    )


def best_f1_threshold(happened: NDArray[np.bool_], said: NDArray[np.float64]) -> float:
    """The threshold whose alarms have the best F1; infinite if nothing happened."""
    precision, recall, thresholds = precision_recall_curve(happened, said)
    if not happened.any():
        return float("inf")
    f1 = 2.0 * precision * recall / np.maximum(precision + recall, 1e-300)
    return float(thresholds[int(np.argmax(f1))])


def precision_threshold(happened: NDArray[np.bool_], said: NDArray[np.float64], least: float) -> float:
    """The lowest threshold whose alarms have at least this precision; infinite if there is none."""
    precision, _, thresholds = precision_recall_curve(happened, said)
    good = np.flatnonzero(precision >= least)
    return float(thresholds[good[-1]]) if len(good) else float("inf")


def brier_score(happened: NDArray[np.bool_], said: NDArray[np.float64]) -> float:
    """Mean squared difference of probability and outcome (Brier, Monthly Weather Review 78, 1950)."""
    return float(np.mean((said - happened) ** 2)) if len(said) else float("nan")


def brier_skill(happened: NDArray[np.bool_], said: NDArray[np.float64]) -> float:
    """Share of the base rate's Brier score that is saved; 0 says nothing more than the base rate, 1 is perfect."""
    base = float(happened.mean()) if len(happened) else float("nan")
    spread = base * (1.0 - base)
    return 1.0 - brier_score(happened, said) / spread if spread > 0.0 else float("nan")


def log_loss(happened: NDArray[np.bool_], said: NDArray[np.float64]) -> float:
    """Mean negative log-likelihood, natural logarithm; probabilities are kept 1e-12 away from 0 and 1."""
    kept = np.clip(said, 1e-12, 1.0 - 1e-12)
    return float(-np.mean(np.where(happened, np.log(kept), np.log1p(-kept)))) if len(said) else float("nan")


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Rows whose probability lies in a tenth: how many, what was said on average, how often it happened."""

    n_rows: int
    said: float
    happened: float


def reliability(happened: NDArray[np.bool_], said: NDArray[np.float64], n_bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """Said against happened in bins of equal width; empty bins are left out.

    >>> reliability(np.array([False, True]), np.array([0.05, 0.95]))[1]
    ReliabilityBin(n_rows=1, said=0.95, happened=1.0)
    """
    place = np.clip((said * n_bins).astype(np.int64), 0, n_bins - 1)
    n_rows = np.bincount(place, minlength=n_bins)
    total_said = np.bincount(place, weights=said, minlength=n_bins)
    total_happened = np.bincount(place, weights=happened, minlength=n_bins)
    return tuple(
        ReliabilityBin(int(n), float(total_said[i] / n), float(total_happened[i] / n))
        for i, n in enumerate(n_rows)
        if n
    )


def expected_calibration_error(happened: NDArray[np.bool_], said: NDArray[np.float64], n_bins: int = 10) -> float:
    """Mean distance of said and happened over the bins, weighted by their rows (Naeini et al., AAAI 2015)."""
    bins = reliability(happened, said, n_bins)
    return float(sum(b.n_rows * abs(b.said - b.happened) for b in bins) / max(len(said), 1))
