"""Quantile levels that members forecast, and any other level from them."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Shares at which members forecast: the deciles, and three more on each side for 80, 90, 95 and 98 % intervals.
SHARES = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99)
#: Positions of the deciles and of the median among them.
DECILES = slice(3, 12)
MEDIAN = 7


def at_shares(forecast: NDArray[np.float64], shares: Sequence[float]) -> NDArray[np.float64]:
    """Quantiles at other shares: linear in the normal score between the members' shares, and beyond the outermost.

    Args:
        forecast: float64 (n_series, 15, horizon), at `SHARES`, increasing.
        shares: in (0, 1).

    Returns:
        float64 (n_series, n_shares, horizon).

    Raises:
        ValueError: if a share is not between 0 and 1.

    >>> curve = np.arange(15.0).reshape(1, 15, 1)
    >>> at_shares(curve, (0.025, 0.5)).ravel().tolist()
    [1.0, 7.0]
    """
    if not all(0.0 < share < 1.0 for share in shares):
        raise ValueError(f"quantiles must lie between 0 and 1, got {tuple(shares)}")
    known = np.array([NormalDist().inv_cdf(share) for share in SHARES])
    wanted = np.array([NormalDist().inv_cdf(share) for share in shares])
    left = np.clip(np.searchsorted(known, wanted, side="right") - 1, 0, len(known) - 2)
    share_right = ((wanted - known[left]) / (known[left + 1] - known[left]))[:, None]
    between: NDArray[np.float64] = forecast[:, left] * (1.0 - share_right) + forecast[:, left + 1] * share_right
    return between


def rising(quantiles: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """The same quantiles, sorted over the shares where they are not: few are, and sorting all takes long.

    Args:
        quantiles: float64, a copy is made; NaN are left where they are unless others beside them must be sorted.
        axis: of the shares.

    >>> rising(np.array([[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]]), axis=1).tolist()
    [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]
    """
    result = quantiles.copy()
    by_share = np.moveaxis(result, axis, 0)
    fall = np.logical_or.reduce(by_share[1:] < by_share[:-1], axis=0)
    by_share[:, fall] = np.sort(by_share[:, fall], axis=0)
    return result


def weighted_quantiles(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of weighted samples at `SHARES`, one row at a time.

    A sample stands in the middle of its weight; between samples linear, beyond the outermost held.

    Args:
        values: float64 (n_rows, n_samples), finite where the weight is positive.
        weights: float64 (n_rows, n_samples), not negative.

    Returns:
        float64 (n_rows, 15); zero where a row has no weight.

    >>> weighted_quantiles(np.array([[3.0, 1.0, 2.0]]), np.array([[1.0, 1.0, 0.0]]))[0, [0, 7, 14]].tolist()
    [1.0, 2.0, 3.0]
    """
    samples = np.where(weights > 0.0, values, np.inf)
    order = np.argsort(samples, axis=1)
    sorted_samples = np.take_along_axis(samples, order, axis=1)
    sorted_weights = np.take_along_axis(weights, order, axis=1)
    rising = np.cumsum(sorted_weights, axis=1)
    middles = rising - 0.5 * sorted_weights
    result = np.zeros((len(values), len(SHARES)))
    for row in np.flatnonzero(rising[:, -1] > 0.0):
        n_known = int(np.isfinite(sorted_samples[row]).sum())
        result[row] = np.interp(
            np.array(SHARES) * rising[row, -1], middles[row, :n_known], sorted_samples[row, :n_known]
        )
    return result
