"""A detector's parts averaged over the newest steps, and relative to what they have been lately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.models.anomaly.moving import HALF_LIFE_SECONDS, rate_of
from pronoia.models.anomaly.windows import tail_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.anomaly.contract import Detector, FittedDetector

# Raw scores beyond this share of the history's do not raise what later ones are compared with.
_USUAL = 0.999


@dataclass(frozen=True, slots=True, eq=False)
class FittedSmoothed:
    """A fitted detector and the parts of the history's last steps."""

    inner: FittedDetector
    tail: NDArray[np.float64]

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedSmoothed]:
        """Trailing means."""
        own, inner = self.inner.advance(test)
        parts = np.concatenate((self.tail, own))
        out = np.empty_like(test)
        _means(parts, out, len(self.tail) + 1)
        return out, FittedSmoothed(inner, parts[len(own) :].copy())


@dataclass(frozen=True, slots=True)
class Smoothed:
    """Trailing mean of another detector's parts.

    Args:
        inner: the other.
        window: steps.
    """

    inner: Detector
    window: int = 20

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedSmoothed:
        """Fit the other."""
        fitted = self.inner.fit(train, step_seconds)
        return FittedSmoothed(fitted, fitted.advance(tail_of(train, self.window - 1))[0])


@dataclass(frozen=True, slots=True, eq=False)
class FittedRelative:
    """A fitted detector, the mean of its raw scores so far, and how fast it moves on."""

    inner: FittedDetector
    mean: float
    cap: float
    rate: float

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedRelative]:
        """Parts over the moving mean of raw scores before each step."""
        parts, inner = self.inner.advance(test)
        usual = np.empty(len(parts))
        mean = _usual(parts.mean(axis=1), usual, self.mean, self.cap, self.rate)
        return parts / usual[:, None], FittedRelative(inner, mean, self.cap, self.rate)


@dataclass(frozen=True, slots=True)
class Relative:
    """Another detector's parts over its moving mean, so that a drift raises them for days and not for ever."""

    inner: Detector

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedRelative:
        """Fit the other and score the history with it."""
        fitted = self.inner.fit(train, step_seconds)
        raw = fitted.advance(train)[0].mean(axis=1)
        cap = max(float(np.quantile(raw, _USUAL)), 1e-12)
        return FittedRelative(
            fitted, max(float(np.minimum(raw, cap).mean()), 1e-12), cap, rate_of(HALF_LIFE_SECONDS, step_seconds)
        )


@compiled
def _means(parts: NDArray[np.float64], out: NDArray[np.float64], window: int) -> None:
    # Each window is summed for itself: a running sum would carry rounding from step to step.
    for t in range(out.shape[0]):
        for i in range(out.shape[1]):
            total = 0.0
            for k in range(window):
                total += parts[t + k, i]
            out[t, i] = total / window


@compiled
def _usual(raw: NDArray[np.float64], usual: NDArray[np.float64], mean: float, cap: float, rate: float) -> float:
    for t in range(len(raw)):
        usual[t] = mean
        mean += rate * (min(raw[t], cap) - mean)
    return mean
