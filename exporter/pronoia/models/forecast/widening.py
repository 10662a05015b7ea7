"""Adaptive conformal intervals: bounds that were missed too often widen, bounds never missed narrow.

Every matured bound moves the logarithm of a factor on the bound's normal score by `rate * (missed - tolerated)`, where
`tolerated` is the share of misses the level allows on that side. Whatever the series does, the share of misses then
tends to the tolerated one, as long as the factor is inside its limits. One factor is common to the query's series, and
moves fast because many bounds mature at once; each series adds its own, which moves slowly.

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
_RATE_SHARED = 0.1
# A hundred series that mature together count as this many independent ones.
_MAX_TOGETHER = 16.0
# Factors between a half and four: a bound is never given up, and never driven out of sight by one bad day.
_LIMITS = (np.log(0.5), np.log(4.0))


def adapt_shared(shared: NDArray[np.float64], missed: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Move the factor common to all series.

    Args:
        shared: float64 (2, n_knots), logarithms for lower and upper bounds.
        missed: float64 (n_series, 2, n_knots): 1 where a matured bound was missed, 0 where it held, NaN elsewhere.
        level: nominal coverage of the interval.
    """
    known = np.isfinite(missed)
    count = known.sum(axis=0)
    together = np.minimum(np.sqrt(count), _MAX_TOGETHER)
    rate_of_misses = np.where(known, missed, 0.0).sum(axis=0) / np.maximum(count, 1)
    moved: NDArray[np.float64] = shared + _RATE_SHARED * together * np.where(
        count > 0, rate_of_misses - (1.0 - level) / 2.0, 0.0
    )
    return np.clip(moved, *_LIMITS)


def adapt_own(own: NDArray[np.float64], missed: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Move each series' own factor, float64 (n_series, 2, n_knots); arguments as for `adapt_shared`."""
    excess = np.where(np.isfinite(missed), missed - (1.0 - level) / 2.0, 0.0)
    return np.clip(own + _RATE_OWN * excess, *_LIMITS)
