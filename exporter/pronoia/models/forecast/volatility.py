"""Local volatility: a series that has just been restless goes on restless for a while, and its bounds widen at once.

Without it, bounds would widen only after enough of them had been missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How many of the newest steps say how restless a series is now.
WINDOW = 48
# Share of the long-run mean that is mixed in, so that a still series keeps an interval.
_MIXED_IN = 0.2
# Restlessness lasts: half of its logarithm is left at this horizon, in steps.
_HALVED_AT_STEPS = 48.0
_LIMITS = (0.25, 4.0)


def mean_step(values: NDArray[np.float64]) -> float:
    """Mean absolute difference of neighbours over the whole history, source unit."""
    return float(np.abs(np.diff(values)).mean()) if len(values) > 1 else 0.0


def recent_steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean absolute difference of neighbours over the window that ends at each value, float64 (n_values,)."""
    summed = np.cumsum(np.concatenate([[0.0], np.abs(np.diff(values, prepend=values[0]))]))
    end = np.arange(1, len(values) + 1)
    start = np.maximum(end - WINDOW, 1)
    means: NDArray[np.float64] = (summed[end] - summed[np.minimum(start, end)]) / np.maximum(end - start, 1)
    return means


def newest_steps(recent: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean absolute difference of neighbours in the newest values, both of them known.

    Args:
        recent: float64 (n_series, n_steps), NaN where there is no sample.

    Returns:
        float64 (n_series,); NaN where there are no such neighbours.
    """
    steps = np.abs(np.diff(recent[:, -WINDOW - 1 :], axis=1))
    known = np.isfinite(steps)
    count = known.sum(axis=1)
    means: NDArray[np.float64] = np.where(known, steps, 0.0).sum(axis=1) / np.maximum(count, 1)
    return np.where(count > 0, means, np.nan)


def restlessness(steps: NDArray[np.float64], typical: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far from usual a series moves now: the square root of recent over typical steps.

    Args:
        steps: float64 (n_series,), mean absolute difference of neighbours lately; NaN if not known.
        typical: float64 (n_series,), the same over the history.

    Returns:
        float64 (n_series,), 1 where either is not known.
    """
    known = np.isfinite(steps) & (typical > 0.0)
    ratio = np.where(known, steps, 1.0) / np.where(known, typical, 1.0)
    factor = np.sqrt((ratio + _MIXED_IN) / (1.0 + _MIXED_IN))
    return np.clip(np.where(known, factor, 1.0), *_LIMITS)


def at_horizons(factor: NDArray[np.float64], horizons: NDArray[np.int64]) -> NDArray[np.float64]:
    """The factor on errors at each horizon, float64 (..., n_horizons): it fades as the horizon grows."""
    faded: NDArray[np.float64] = factor[..., None] ** (1.0 / (1.0 + horizons / _HALVED_AT_STEPS))
    return faded
