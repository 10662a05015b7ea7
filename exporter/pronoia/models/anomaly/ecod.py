"""ECOD: how far out in its history's empirical distribution each metric is.

Own code, because the formula is short and PyOD's `decision_function` appends what it scores to what it was fitted to:
there a step's score depends on the steps scored with it.

Reference:
    Li et al., ECOD: unsupervised outlier detection using empirical cumulative distribution functions, TKDE 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class FittedEcod:
    """float64 (n_metrics, n_steps), each metric's history in ascending order."""

    ascending: NDArray[np.float64]

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedEcod]:
        """Negative logarithm of the smaller tail's probability; beyond the history it ends at log(n_steps + 1)."""
        n_steps = self.ascending.shape[1]
        parts = np.empty_like(test)
        for i, known in enumerate(self.ascending):
            above = n_steps - np.searchsorted(known, test[:, i], side="left")
            below = np.searchsorted(known, test[:, i], side="right")
            parts[:, i] = -np.log((np.minimum(above, below) + 1.0) / (n_steps + 1.0))
        return parts, self


@dataclass(frozen=True, slots=True)
class Ecod:
    """ECOD."""

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedEcod:  # noqa: ARG002
        """Sort each metric."""
        return FittedEcod(np.sort(train.T, axis=1))
