"""What a departure in progress means for the forecast: it stays with a probability, and returns otherwise.

The forecast is then the median of two outcomes, not a point between them where neither goes, and its bounds are
quantiles of both together: they reach from one level to the other as long as either is likely enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.level_shift import N_AGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Share of departures of age 2**i that end before 2**(i+1), without evidence of the series: see the table in
#: docs/level-shifts.md.
PRIOR_ENDS = np.array([0.9, 0.7, 0.3, 0.25, 0.18, 0.18, 0.17, 0.15, 0.12, 0.1])
# How many departures the prior, and what the query says, count as.
_PRIOR_COUNT = 20.0
_QUERY_COUNT = 6.0
_BISECTIONS = 30


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


def survival(ended: NDArray[np.float64], ages: NDArray[np.float64], n_steps: int) -> NDArray[np.float64]:
    """Probability that a departure of this age is still there 1 .. n_steps later.

    Args:
        ended: float64 (n_series, `N_AGES`) from `share_ended`.
        ages: float64 (n_series,), steps, at least 1.
        n_steps: how many steps ahead, at least 1.

    Returns:
        float64 (n_series, n_steps), not increasing over the steps.
    """
    log_kept = np.log1p(-np.clip(ended, 0.0, 0.999))
    start = np.log2(ages)[:, None]
    end = np.log2(ages[:, None] + np.arange(1, n_steps + 1))
    logarithm = np.zeros_like(end)
    for i in range(N_AGES):
        top = i + 1.0 if i < N_AGES - 1 else np.inf
        logarithm += log_kept[:, i : i + 1] * np.clip(np.minimum(end, top) - np.maximum(start, float(i)), 0.0, None)
    kept: NDArray[np.float64] = np.exp(logarithm)
    return kept


def mix_outcomes(
    returns: NDArray[np.float64], stays: NDArray[np.float64], stay_share: NDArray[np.float64], level: float
) -> NDArray[np.float64]:
    """Point and bounds of two outcomes together.

    Each outcome is taken as a logistic distribution on either side of its point, of the width that puts its bounds at
    the level; with a share of 0 or 1 one outcome comes out as it went in.

    Args:
        returns: float64 (3, ...), lower bound, point, upper bound.
        stays: likewise.
        stay_share: float64 (...), probability of the second.
        level: coverage between lower and upper bound.

    Returns:
        float64 (3, ...), each between those of the outcomes.
    """
    tail = np.log((1.0 + level) / (1.0 - level))
    shares = np.array([(1.0 - level) / 2.0, 0.5, (1.0 + level) / 2.0]).reshape(3, *[1] * stay_share.ndim)
    low, high = np.minimum(returns, stays), np.maximum(returns, stays)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        below = (1.0 - stay_share) * _share_below(middle, returns, tail) + stay_share * _share_below(
            middle, stays, tail
        )
        low, high = np.where(below < shares, middle, low), np.where(below < shares, high, middle)
    return 0.5 * (low + high)


def _share_below(x: NDArray[np.float64], outcome: NDArray[np.float64], tail: float) -> NDArray[np.float64]:
    lower, point, upper = outcome
    width = np.where(x < point, point - lower, upper - point)
    # Bounds without width: all of it lies at the point.
    distance = (x - point) / np.maximum(width, 1e-12 * (1.0 + np.abs(point)))
    share: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(tail * distance, -60.0, 60.0)))
    return share
