"""The ensemble: weighted geometric mean of its members, each in units of its own usual extremes.

A geometric mean wants members to agree: a single excited one moves it little. Which members, and their weights, were
chosen by VUS-PR on half of the machines of one benchmark, and are looked at on the other half (docs/anomaly.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.anomaly.contract import Detector, FittedDetector

# A member's raw score is one where this share of its history lies below.
_EXTREME = 0.99
# Added to raw scores before their logarithm: below it, members are not told apart.
_QUIET = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class FittedEnsemble:
    """Fitted members, their weights (summing to one) and extremes, float64 (n_members,) each."""

    members: tuple[FittedDetector, ...]
    weights: NDArray[np.float64]
    extremes: NDArray[np.float64]

    def score(self, test: NDArray[np.float64]) -> NDArray[np.float64]:
        """The geometric mean, spread over the metrics as the members spread theirs."""
        level, shares = np.zeros(len(test)), np.zeros_like(test)
        for member, weight, extreme in zip(self.members, self.weights, self.extremes, strict=True):
            parts = member.score(test) / extreme
            level += weight * np.log(parts.mean(axis=1) + _QUIET)
            shares += weight * parts / np.maximum(parts.mean(axis=1, keepdims=True), 1e-300)
        # Where no member sees anything, all metrics have the same share in nothing.
        shares = np.where(shares.any(axis=1, keepdims=True), shares, 1.0)
        combined: NDArray[np.float64] = np.exp(level)[:, None] * shares / shares.mean(axis=1, keepdims=True)
        return combined


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Several detectors as one.

    Args:
        members: detectors and their weights.
    """

    members: tuple[tuple[Detector, float], ...]

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedEnsemble:
        """Fit each member, and score the history with it."""
        fitted = tuple(detector.fit(train, step_seconds) for detector, _ in self.members)
        weights = np.array([weight for _, weight in self.members])
        extremes = [max(float(np.quantile(each.score(train).mean(axis=1), _EXTREME)), 1e-12) for each in fitted]
        return FittedEnsemble(fitted, weights / weights.sum(), np.array(extremes))
