"""Adaptive conformal intervals: bounds that were missed too often widen, bounds never missed narrow.

Every matured bound moves the logarithm of a factor on the bound's normal score by `rate * (missed - tolerated)`, where
`tolerated` is the share of misses the level allows on that side. Whatever the series does, the share of misses then
tends to the tolerated one, as long as the factor is inside its limits. One factor is common to the query's series, and
moves fast because many bounds mature at once; each series adds its own. A bound at one horizon also moves those at
neighbouring horizons: what went wrong four hours ahead will go wrong a day ahead, and is known twenty hours earlier.

References:
    Gibbs, Candès, Adaptive conformal inference under distribution shift, NeurIPS 2021, equation 2.
    Angelopoulos, Candès, Tibshirani, Conformal PID control for time series prediction, NeurIPS 2023 (tracking in the
    space of scores, which keeps intervals finite).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Steps of the logarithm for one missed bound; constants of the backtests, see `evaluation.backtest_forecast`.
_RATE_OWN = 0.1
_RATE_SHARED = 0.06
# Share of a step that the next horizon takes over.
_TO_NEIGHBOUR = 0.6
# However many series mature together, the common factor moves by no more than this many steps.
_MAX_TOGETHER = 16.0
# Factors between a half and four: a bound is never given up, and never driven out of sight by one bad day.
_LIMITS = (np.log(0.5), np.log(4.0))


def adapt_shared(
    shared: NDArray[np.float64], missed: NDArray[np.float64], level: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move the factor common to all series.

    Args:
        shared: float64 (2, n_knots), logarithms for lower and upper bounds.
        missed: float64 (n_series, 2, n_knots): 1 where a matured bound was missed, 0 where it held, NaN elsewhere.
        level: nominal coverage of the interval.

    Several levels are moved together, each by its own misses, with an axis of levels before that of the bounds in all
    three: (n_levels, 2, n_knots), (n_series, n_levels, 2, n_knots) and (n_levels, 1, 1).
    """
    known = np.isfinite(missed)
    count = known.sum(axis=0)
    # Bounds that mature together are missed together: their number counts by its square root.
    together = np.minimum(np.sqrt(count), _MAX_TOGETHER)
    share_missed = np.where(known, missed, 0.0).sum(axis=0) / np.maximum(count, 1)
    excess = np.where(count > 0, together * (share_missed - _tolerated(level)), 0.0)
    return np.clip(shared + _RATE_SHARED * excess @ _spread(shared.shape[-1]), *_LIMITS)


def adapt_own(
    own: NDArray[np.float64], missed: NDArray[np.float64], level: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move each series' own factor, float64 (n_series, 2, n_knots); arguments as for `adapt_shared`."""
    excess = np.where(np.isfinite(missed), missed - _tolerated(level), 0.0)
    return np.clip(own + _RATE_OWN * excess @ _spread(own.shape[-1]), *_LIMITS)


def _tolerated(level: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """Share of misses that a level allows on each side."""
    return (1.0 - level) / 2.0


def _spread(n_knots: int) -> NDArray[np.float64]:
    """How much of a step at one knot every other takes over, float64 (n_knots, n_knots)."""
    index = np.arange(n_knots)
    shares: NDArray[np.float64] = _TO_NEIGHBOUR ** np.abs(index[:, None] - index[None, :])
    return shares
