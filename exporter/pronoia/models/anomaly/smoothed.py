"""A detector's parts averaged over the newest steps, few or many, and relative to what they have been lately.

A fault of minutes drowns in a mean over twenty steps, and a small lasting one does not stand out of a mean over two.
So means over several windows compete, each counting by the square root of its length: sums of independent parts spread
by it, which makes windows of all lengths alike in what usually happens.

Reference:
    Glaz, Naus, Wallenstein, Scan statistics, 2001.
"""

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

#: Steps of the means that compete.
WINDOWS = (2, 6, 20)
# Raw scores beyond this share of the history's do not raise what later ones are compared with.
_USUAL = 0.999


@dataclass(frozen=True, slots=True, eq=False)
class FittedSmoothed:
    """A fitted detector, the parts of the history's last steps, and int64 (n_windows,) windows, ascending."""

    inner: FittedDetector
    tail: NDArray[np.float64]
    windows: NDArray[np.int64]

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedSmoothed]:
        """Trailing means over the window that counts most at each step, by the mean over the metrics."""
        own, inner = self.inner.advance(test)
        parts = np.concatenate((self.tail, own))
        out = np.empty_like(test)
        scan(parts, self.windows, out)
        return out, FittedSmoothed(inner, parts[len(own) :].copy(), self.windows)


@dataclass(frozen=True, slots=True)
class Smoothed:
    """Trailing means of another detector's parts.

    Args:
        inner: the other.
        windows: steps, ascending.
    """

    inner: Detector
    windows: tuple[int, ...] = WINDOWS

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedSmoothed:
        """Fit the other."""
        fitted = self.inner.fit(train, step_seconds)
        tail = fitted.advance(tail_of(train, self.windows[-1] - 1))[0]
        return FittedSmoothed(fitted, tail, np.array(self.windows))


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
def scan(parts: NDArray[np.float64], windows: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    """Write the means of each step's best window; parts begin `windows[-1] - 1` steps before the first."""
    # Each window is summed for itself: a running sum would carry rounding from step to step.
    n_steps, n_metrics = out.shape
    longest, total = windows[-1], np.empty(n_metrics)
    for t in range(n_steps):
        best, done = -1.0, 0
        total[:] = 0.0
        for window in windows:
            for k in range(done, window):
                for i in range(n_metrics):
                    total[i] += parts[t + longest - 1 - k, i]
            counts = 1.0 / np.sqrt(window * longest)
            height = total.sum() * counts
            if height > best:
                best = height
                for i in range(n_metrics):
                    out[t, i] = total[i] * counts
            done = window


@compiled
def _usual(raw: NDArray[np.float64], usual: NDArray[np.float64], mean: float, cap: float, rate: float) -> float:
    for t in range(len(raw)):
        usual[t] = mean
        mean += rate * (min(raw[t], cap) - mean)
    return mean
