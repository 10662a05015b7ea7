"""Of several signals of one system, the one that presses most: bytes and inodes lead to the same failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.failure.features import FEATURES
from pronoia.models.failure.trend import trend_odds

if TYPE_CHECKING:
    from numpy.typing import NDArray

_USED = FEATURES.index("used")


def pressing_signal(features: NDArray[np.float32]) -> NDArray[np.int64]:
    """Number of the signal with the greatest odds of its trend, and of those alike the one that is used most.

    Args:
        features: float32 (n_signals, n_rows, n_features); signals of which too little is known come last.

    Returns:
        int64 (n_rows,).
    """
    n_signals, n_rows, n_features = features.shape
    flat = features.reshape(-1, n_features)
    known = np.isfinite(flat[:, 0])
    odds = np.full(len(flat), -np.inf)
    odds[known] = trend_odds(flat[known], np.ones(1)).log_odds[:, 0] + 0.01 * flat[known, _USED]
    return np.asarray(odds.reshape(n_signals, n_rows).argmax(axis=0), np.int64)
