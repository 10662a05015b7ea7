"""POLY: how far a value lies from the polynomial that goes on from the values before it.

In spreads of its own errors, which follow them as in a GARCH model of order one.

Reference:
    Li, Ma, Mei, A unifying method for outlier and change detection from data streams, CIS 2007, as in TSB-UAD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.anomaly.moving import MovingScale
from pronoia.models.anomaly.windows import moved, tail_of, trailing

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAX_DEVIATION = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class FittedPoly:
    """The newest values, the weights that continue them, and the spread of errors so far."""

    tail: NDArray[np.float64]
    weights: NDArray[np.float64]
    unit: NDArray[np.float64]
    scale: MovingScale

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedPoly]:
        """Squared errors in moving spreads."""
        if not len(test):
            return np.empty_like(test), self
        deviations, scale = self.scale.deviations(_errors(self.tail, test, self.weights) / self.unit)
        parts: NDArray[np.float64] = np.clip(deviations, -_MAX_DEVIATION, _MAX_DEVIATION) ** 2
        return parts, FittedPoly(moved(self.tail, test), self.weights, self.unit, scale)


@dataclass(frozen=True, slots=True)
class Poly:
    """POLY.

    Args:
        window: steps that a polynomial is fitted to.
        degree: of the polynomial.
    """

    window: int = 20
    degree: int = 2

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedPoly:
        """The weights do not depend on the values; the spread does."""
        design = np.vander(np.linspace(-1.0, 1.0, self.window), self.degree + 1)
        ahead = np.vander([1.0 + 2.0 / (self.window - 1)], self.degree + 1)[0]
        weights = ahead @ np.linalg.pinv(design)
        errors = _errors(np.repeat(train[:1], self.window, axis=0), train, weights)
        unit = np.maximum(errors.std(axis=0), 1e-9)
        scale = MovingScale.start(train.shape[1], step_seconds).deviations(errors / unit)[1]
        return FittedPoly(tail_of(train, self.window), weights, unit, scale)


def _errors(tail: NDArray[np.float64], test: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    errors: NDArray[np.float64] = test - trailing(tail, test)[:, :, :-1] @ weights
    return errors
