"""The ensemble: weighted geometric mean of its members, each in units of its own usual extremes.

A geometric mean wants members to agree: a single excited one moves it little. Which members, and their weights, were
chosen by VUS-PR on half of the machines of two benchmarks, and are looked at on the other halves (docs/anomaly.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

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

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedEnsemble]:
        """The geometric mean, spread over the metrics as the members spread theirs."""
        said = [member.advance(test) for member in self.members]
        combined = np.empty_like(test)
        _combine(np.stack([parts for parts, _ in said]), self.weights, self.extremes, combined)
        return combined, FittedEnsemble(tuple(member for _, member in said), self.weights, self.extremes)


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
        extremes = [max(float(np.quantile(each.advance(train)[0].mean(axis=1), _EXTREME)), 1e-12) for each in fitted]
        return FittedEnsemble(fitted, weights / weights.sum(), np.array(extremes))


@compiled
def _combine(
    parts: NDArray[np.float64],
    weights: NDArray[np.float64],
    extremes: NDArray[np.float64],
    combined: NDArray[np.float64],
) -> None:
    n_members, n_steps, n_metrics = parts.shape
    for t in range(n_steps):
        level, total = 0.0, 0.0
        combined[t] = 0.0
        for m in range(n_members):
            mean = 0.0
            for i in range(n_metrics):
                mean += parts[m, t, i] / n_metrics
            level += weights[m] * np.log(mean / extremes[m] + _QUIET)
            if mean > 0.0:
                total += weights[m]
                for i in range(n_metrics):
                    combined[t, i] += weights[m] * parts[m, t, i] / mean
        height = np.exp(level)
        for i in range(n_metrics):
            # Where no member sees anything, all metrics have the same share in nothing.
            combined[t, i] = height * (combined[t, i] / total if total > 0.0 else 1.0)
