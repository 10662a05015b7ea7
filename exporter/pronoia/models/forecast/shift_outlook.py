"""What a departure in progress means for the forecast: it stays with a probability, and returns otherwise.

The forecast is then the median of two outcomes, not a point between them where neither goes, and its bounds are
quantiles of both together: they reach from one level to the other as long as either is likely enough.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.models.forecast.level_shift import N_AGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Share of departures of age 2**i that end before 2**(i+1), without evidence of the series: see the table in
#: docs/level-shifts.md.
PRIOR_ENDS = np.array([0.9, 0.7, 0.3, 0.25, 0.18, 0.18, 0.17, 0.15, 0.12, 0.1])
# How many departures the prior, and what the query says, count as.
_PRIOR_COUNT = 20.0
_QUERY_COUNT = 6.0
# Up to here a departure's values lie as close together as those of a level.
_STEADY = 0.1
_BISECTIONS = 24
# Outcomes without width are still told apart: the least width of one, per normal score and distance of the two.
_LEAST_WIDTH = 1e-9


def share_ended(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of departures that end before their age doubles: the series', drawn to the query's, drawn to the prior.

    Args:
        counts: float64 (n_series, 2, `N_AGES`) from `count_ages`.

    Returns:
        float64 (n_series, `N_AGES`), between 0 and 1.
    """
    reached, ended = counts.sum(axis=0)
    query = (ended + _PRIOR_COUNT * PRIOR_ENDS) / (reached + _PRIOR_COUNT)
    share: NDArray[np.float64] = (counts[:, 1] + _QUERY_COUNT * query) / (counts[:, 0] + _QUERY_COUNT)
    return share


def stay_exponent(unsteadiness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power that the probability to stay is raised to: a departure whose values scatter is no level to stay at.

    That a departure has not ended is counted; whether the series was then nearer to where it had gone than to the
    forecast of its return, is less likely: on recordings, about as here.

    Args:
        unsteadiness: float64 (n,), see `level_follow.unsteadiness`.
    """
    exponent: NDArray[np.float64] = np.maximum(unsteadiness / _STEADY, 1.0)
    return exponent


def survival(ended: NDArray[np.float64], ages: NDArray[np.float64], horizons: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probability that a departure of this age is still there at horizons ahead.

    Args:
        ended: float64 (n_series, `N_AGES`) from `share_ended`.
        ages: float64 (n_series,), steps, at least 1.
        horizons: int64 (n_horizons,), steps, at least 1.

    Returns:
        float64 (n_series, n_horizons), not increasing over the horizon.
    """
    log_kept = np.log1p(-np.clip(ended, 0.0, 0.999))
    start = np.log2(ages)[:, None]
    end = np.log2(ages[:, None] + horizons)
    logarithm = np.zeros_like(end)
    for i in range(N_AGES):
        top = i + 1.0 if i < N_AGES - 1 else np.inf
        logarithm += log_kept[:, i : i + 1] * np.clip(np.minimum(end, top) - np.maximum(start, float(i)), 0.0, None)
    kept: NDArray[np.float64] = np.exp(logarithm)
    return kept


@compiled
def mixed_quantiles(
    scores: NDArray[np.float64],
    quantiles: NDArray[np.float64],
    moved: NDArray[np.float64],
    stay_share: NDArray[np.float64],
    wanted: float,
) -> NDArray[np.float64]:
    """Quantile of two outcomes together: one distribution, and the same moved.

    As one pair of distributions serves all levels, bounds of a higher level enclose those of a lower.

    Args:
        scores: float64 (n_scores,), normal scores, increasing.
        quantiles: float64 (n, n_scores), of the first outcome, not decreasing; linear between, and beyond the ends.
        moved: float64 (n,), by how much the second outcome lies higher.
        stay_share: float64 (n,), probability of the second.
        wanted: normal score of the quantile.

    Returns:
        float64 (n,), between the same quantile of the two.
    """
    target = _share_below(wanted)
    found = np.empty(len(moved))
    for row in range(len(moved)):
        least = _LEAST_WIDTH * abs(moved[row])
        known = quantiles[row] + least * scores
        own = _line(wanted, scores, known)
        low, high = min(own, own + moved[row]), max(own, own + moved[row])
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            below = (1.0 - stay_share[row]) * _share_below(_line(middle, known, scores))
            below += stay_share[row] * _share_below(_line(middle - moved[row], known, scores))
            if below < target:
                low = middle
            else:
                high = middle
        found[row] = 0.5 * (low + high)
    return found


@compiled
def _line(x: float, at: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """Linear between the points, and beyond the outermost two."""
    right = 1
    while right < len(at) - 1 and at[right] < x:
        right += 1
    width = at[right] - at[right - 1]
    share = (x - at[right - 1]) / width if width > 0.0 else 0.0
    return float(values[right - 1] + share * (values[right] - values[right - 1]))


@compiled
def _share_below(score: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-score / math.sqrt(2.0))
