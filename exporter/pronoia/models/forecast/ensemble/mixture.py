"""The mixture: members' quantiles averaged by their weights, except where a value is sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.quantiles import rising

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Values nearer to each other than this share of the usual range are the same but for rounding.
_SAME = 1e-9
# So near, in usual ranges, the mixture must come to a value on which exact members agree for that value to be taken.
_NEAR = 0.05


def mix(
    said: NDArray[np.float64], weights: NDArray[np.float64], exact: NDArray[np.bool_], reach: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Average the members' quantiles; where two exact members agree and the average comes near, take their value.

    Averages over members blur what is exactly zero, or exactly at a plateau or a limit.

    Args:
        said: float64 (n_members, n_series, 15, horizon), sorted over the shares; NaN where a member says nothing.
        weights: float64 (n_members, n_series, horizon).
        exact: bool (n_members,), whose quantiles are values that occurred.
        reach: float64 (n_series,), the usual range of each series.

    Returns:
        float64 (n_series, 15, horizon), sorted over the shares; NaN where no member said anything.
    """
    spoke = np.isfinite(said)
    used = np.where(spoke, weights[:, :, None, :], 0.0)
    # A series without a backtest listens to whoever speaks.
    silent = used.sum(axis=0) <= 0.0
    used = np.where(silent, spoke, used) if silent.any() else used
    total = used.sum(axis=0)
    mixture = np.where(total > 0.0, (used * np.where(spoke, said, 0.0)).sum(axis=0) / np.maximum(total, 1e-300), np.nan)
    certain = said[exact]
    for i in range(len(certain)):
        for j in range(i + 1, len(certain)):
            agreed = np.abs(certain[i] - certain[j]) <= _SAME * reach[:, None, None]
            near = np.abs(mixture - certain[i]) <= _NEAR * reach[:, None, None]
            mixture = np.where(agreed & near, certain[i], mixture)
    return rising(mixture, axis=1)
