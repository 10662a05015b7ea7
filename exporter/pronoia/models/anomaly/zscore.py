"""Clipped squared z-scores: the baseline that every other detector has to beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ZScore:
    """Squared distance from the mean in standard deviations; the preparation has fitted it already.

    Args:
        clip: standard deviations beyond which a metric counts no more.
    """

    clip: float = 10.0

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> ZScore:  # noqa: ARG002
        """Nothing is left to fit."""
        return self

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], ZScore]:
        """Squares."""
        return np.minimum(np.abs(test), self.clip) ** 2, self
