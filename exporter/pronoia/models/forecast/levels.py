"""Levels of coverage: at which the thresholds of bounds are pooled, and what holds between those."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.intervals import pooled_thresholds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Coverages that every fit knows the thresholds of, whatever its own level.
STANDARD_LEVELS = (0.5, 0.8, 0.95)


def known_levels(level: float) -> tuple[float, ...]:
    """The standard levels and a query's own, ascending.

    >>> known_levels(0.9), known_levels(0.8)
    ((0.5, 0.8, 0.9, 0.95), (0.5, 0.8, 0.95))
    """
    return tuple(sorted({*STANDARD_LEVELS, level}))


def further_levels(level: float) -> tuple[float, ...]:
    """The standard levels other than a query's own, ascending.

    >>> further_levels(0.95)
    (0.5, 0.8)
    """
    return tuple(each for each in STANDARD_LEVELS if each != level)


def thresholds_of(
    lower_scores: NDArray[np.floating], upper_scores: NDArray[np.floating], levels: Sequence[float]
) -> NDArray[np.float64]:
    """Normal scores that the bounds of each level need, from the scores of all series of a query.

    Args:
        lower_scores: float (n_series, n_scores, n_knots), see `intervals.walk_scores`.
        upper_scores: likewise for upper bounds.
        levels: nominal coverages, ascending.

    Returns:
        float64 (n_levels, 2, n_knots), not negative and not decreasing over levels; lower bounds' scores are negated.
    """
    pooled = [pooled_thresholds(scores, levels) for scores in (-lower_scores, upper_scores)]
    # The prior and the correction for a finite pool differ between levels: order is not given by construction.
    ordered: NDArray[np.float64] = np.maximum.accumulate(np.stack(pooled, axis=1), axis=0)
    return ordered


def threshold_at(thresholds: NDArray[np.float64], levels: Sequence[float], level: float) -> NDArray[np.float64]:
    """The thresholds of any level, linear in the normal's score between known levels.

    Args:
        thresholds: float64 (n_levels, ...), not decreasing over levels.
        levels: nominal coverages of those, ascending, in (0, 1).
        level: the coverage wanted, in (0, 1).

    Returns:
        float64 (...), not decreasing in `level`; below the lowest and above the highest level in proportion to the
        normal's score.

    >>> threshold_at(np.array([1.0, 3.0]), (0.5, 0.95), 0.95)
    array(3.)
    """
    scores, wanted = [half_width(each) for each in levels], half_width(level)
    right = int(np.searchsorted(scores, wanted))
    if right == 0 or right == len(scores):
        nearest = min(right, len(scores) - 1)
        return np.asarray(thresholds[nearest] * (wanted / scores[nearest]))
    share = (wanted - scores[right - 1]) / (scores[right] - scores[right - 1])
    return np.asarray(thresholds[right - 1] * (1.0 - share) + thresholds[right] * share)


def half_width(level: float) -> float:
    """Normal score of the upper bound of a two-sided interval."""
    return NormalDist().inv_cdf(0.5 + level / 2.0)
