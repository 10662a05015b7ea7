"""Scores of forecasts, with their sources.

All take float64 arrays of any one shape, NaN in `truth` where there was no sample, and leave those out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def mean_absolute_error(truth: NDArray[np.float64], point: NDArray[np.float64]) -> float:
    """Mean of |truth - point|, source unit; NaN if nothing is known.

    >>> mean_absolute_error(np.array([1.0, np.nan, 3.0]), np.array([2.0, 9.0, 3.0]))
    0.5
    """
    known = np.isfinite(truth)
    return float(np.abs(truth[known] - point[known]).mean()) if known.any() else float("nan")


def mean_absolute_scaled_error(
    truth: NDArray[np.float64], point: NDArray[np.float64], history: NDArray[np.float64], season: int = 1
) -> float:
    """MASE: the error in units of the seasonal naive error inside the history.

    Args:
        truth: what came.
        point: what was forecast.
        history: float64 (n_steps,) before the forecast.
        season: length in steps; 1 scales by persistence.

    Returns:
        a ratio; NaN if the history does not vary or nothing is known.

    References:
        Hyndman, Koehler, Another look at measures of forecast accuracy, IJF 22(4), 2006.

    >>> float(mean_absolute_scaled_error(np.array([3.0]), np.array([1.0]), np.array([0.0, 1.0, 0.0])))
    2.0
    """
    steps = np.abs(history[season:] - history[:-season]) if len(history) > season else np.empty(0)
    steps = steps[np.isfinite(steps)]
    scale = float(steps.mean()) if len(steps) else 0.0
    return mean_absolute_error(truth, point) / scale if scale > 0.0 else float("nan")


def pinball_loss(truth: NDArray[np.float64], quantile: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Pinball loss of a quantile forecast, elementwise, source unit; NaN where the truth is not known.

    References:
        Koenker, Bassett, Regression quantiles, Econometrica 46(1), 1978.

    >>> pinball_loss(np.array([1.0, 3.0]), np.array([2.0, 2.0]), 0.9).round(2).tolist()
    [0.1, 0.9]
    """
    error = truth - quantile
    loss: NDArray[np.float64] = np.maximum(share * error, (share - 1.0) * error)
    return loss


def weighted_quantile_loss(truth: NDArray[np.float64], quantiles: Mapping[float, NDArray[np.float64]]) -> float:
    """Mean over quantiles of twice the summed pinball loss, divided by the sum of |truth|.

    Returns:
        a ratio; NaN if the truth is zero throughout or not known.

    References:
        Park et al., Learning quantile functions without quantile crossing, AISTATS 2022; GluonTS' `mean_wQuantileLoss`.
    """
    size = float(np.nansum(np.abs(truth)))
    if size <= 0.0:
        return float("nan")
    losses = [2.0 * float(np.nansum(pinball_loss(truth, q, share))) for share, q in quantiles.items()]
    return float(np.mean(losses)) / size


def coverage(truth: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]) -> float:
    """Share of known truths inside the closed interval; NaN if nothing is known.

    >>> coverage(np.array([1.0, 5.0, np.nan]), np.zeros(3), np.full(3, 2.0))
    0.5
    """
    known = np.isfinite(truth)
    inside = (truth[known] >= lower[known]) & (truth[known] <= upper[known])
    return float(inside.mean()) if known.any() else float("nan")


def geometric_mean(ratios: NDArray[np.float64], limit: float = 100.0) -> float:
    """Geometric mean of positive ratios, each first brought into 1/limit .. limit; NaN are left out.

    The limit keeps one series that a method foretells exactly (a ratio of zero) from deciding for all.

    >>> geometric_mean(np.array([0.5, 2.0, np.nan]))
    1.0
    """
    known = ratios[np.isfinite(ratios)]
    if not len(known):
        return float("nan")
    return float(np.exp(np.log(np.clip(known, 1.0 / limit, limit)).mean()))
