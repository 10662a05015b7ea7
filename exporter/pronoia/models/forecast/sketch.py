"""Sketch of an error distribution: its quantiles at evenly spaced normal scores, and what lies beyond them.

Bounds are looked up by *normal score* z: the error that a share Phi(z) of past errors stays below. So one number per
horizon, common to series of any unit and shape, moves all bounds, and skewed or mostly-zero errors keep their shape: a
series that is silent 99 % of the time has bounds of zero width at z = 1.96 and of a burst's height at z = 3.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Normal scores of the sketch.
SCORES = np.linspace(-3.0, 3.0, 13)
#: Scores are cut here: beyond, an error tells only that it was far out.
MAX_SCORE = 8.0
_STEP = float(SCORES[1] - SCORES[0])
# Standard normal distribution function at SCORES.
_SHARES = np.array([NormalDist().cdf(float(score)) for score in SCORES])


def sketch_errors(errors: NDArray[np.float64], n_independent: float) -> NDArray[np.float64]:
    """Quantiles of a sample at `SCORES`, float64 (13,); zeros for an empty sample.

    Args:
        errors: any shape; NaN is left out.
        n_independent: how many of them are worth counting: errors at a horizon of a day, seen over a week, are seven,
            however often they were looked at. Few spread the sketch as Student's t is wider than the normal, and give
            it the weight of one of them with the other sign: errors that all went one way may go the other next time.
    """
    known = errors[np.isfinite(errors)]
    if not len(known):
        return np.zeros(len(SCORES))
    mirrored = -known[:: max(round(n_independent), 1)]
    quantiles = np.quantile(np.concatenate([known, mirrored]), _SHARES)
    middle = quantiles[len(SCORES) // 2]
    spread: NDArray[np.float64] = middle + (quantiles - middle) * _student_ratio(max(n_independent, 1.0))
    return spread


def errors_at(
    scores: NDArray[np.float64], sketches: NDArray[np.float64], unit: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The errors at these normal scores.

    Args:
        scores: float64 (...), between -8 and 8.
        sketches: float64 (..., 13), quantiles from `sketch_errors`.
        unit: float64 (...), smallest growth of the error per score beyond the sketch, positive or zero.

    Returns:
        float64 (...), not decreasing in `scores`; linear beyond the sketch's ends.
    """
    position = np.clip((scores - SCORES[0]) / _STEP, 0.0, len(SCORES) - 1.0)
    left = np.minimum(position.astype(np.int64), len(SCORES) - 2)
    low = np.take_along_axis(sketches, left[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(sketches, left[..., None] + 1, axis=-1)[..., 0]
    above, below = np.maximum(scores - SCORES[-1], 0.0), np.minimum(scores - SCORES[0], 0.0)
    inside = low + (position - left) * (high - low)
    result: NDArray[np.float64] = (
        inside + above * np.maximum(_upper_slope(sketches), unit) + below * np.maximum(_lower_slope(sketches), unit)
    )
    return result


def upper_scores(
    errors: NDArray[np.float64], sketches: NDArray[np.float64], unit: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The least normal score at which the bound is not below the error: what an upper bound would have needed.

    Arguments as for `errors_at`; NaN stays NaN.
    """
    count = (sketches < errors[..., None]).sum(axis=-1)
    right = np.clip(count, 1, len(SCORES) - 1)
    low = np.take_along_axis(sketches, right[..., None] - 1, axis=-1)[..., 0]
    high = np.take_along_axis(sketches, right[..., None], axis=-1)[..., 0]
    gap = high - low
    share = np.where(gap > 0.0, (errors - low) / np.where(gap > 0.0, gap, 1.0), 0.0)
    inside = SCORES[right - 1] + _STEP * np.clip(share, 0.0, 1.0)
    slope = np.maximum(_upper_slope(sketches), unit)
    excess = np.where(slope > 0.0, (errors - sketches[..., -1]) / np.where(slope > 0.0, slope, 1.0), np.inf)
    scores = np.where(count == 0, SCORES[0], np.where(count == len(SCORES), SCORES[-1] + excess, inside))
    result: NDArray[np.float64] = np.where(np.isnan(errors), np.nan, np.minimum(scores, MAX_SCORE))
    return result


def lower_scores(
    errors: NDArray[np.float64], sketches: NDArray[np.float64], unit: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The greatest normal score at which the bound is not above the error: what a lower bound would have needed."""
    return -upper_scores(-errors, -sketches[..., ::-1], unit)


def _student_ratio(degrees: float) -> float:
    """97.5 % quantile of Student's t over that of the normal, by the expansion of Abramowitz & Stegun 26.7.5."""
    z = 1.959964
    first, second = (z**3 + z) / 4.0, (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / 96.0
    return 1.0 + (first / degrees + second / degrees**2) / z


def _upper_slope(sketches: NDArray[np.float64]) -> NDArray[np.float64]:
    slope: NDArray[np.float64] = (sketches[..., -1] - sketches[..., len(SCORES) // 2]) / SCORES[-1]
    return slope


def _lower_slope(sketches: NDArray[np.float64]) -> NDArray[np.float64]:
    slope: NDArray[np.float64] = (sketches[..., len(SCORES) // 2] - sketches[..., 0]) / SCORES[-1]
    return slope
