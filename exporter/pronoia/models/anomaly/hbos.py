"""HBOS: how rare each metric's value is in a histogram of its history.

Reference:
    Goldstein, Dengel, Histogram-based outlier score, KI 2012.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_N_BINS = 20


@dataclass(frozen=True, slots=True, eq=False)
class FittedHbos:
    """Histograms.

    Args:
        low: float64 (n_metrics,), where the first bin begins.
        width: float64 (n_metrics,), of a bin.
        surprise: float64 (n_metrics, n_bins + 2), of each bin; the first and the last lie outside the history.
    """

    low: NDArray[np.float64]
    width: NDArray[np.float64]
    surprise: NDArray[np.float64]

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedHbos]:
        """Negative logarithm of the density relative to the highest bin."""
        bins = np.clip(np.floor((test - self.low) / self.width), -1, _N_BINS).astype(np.int64) + 1
        parts: NDArray[np.float64] = self.surprise[np.arange(test.shape[1]), bins]
        return parts, self


@dataclass(frozen=True, slots=True)
class Hbos:
    """HBOS with bins of one width."""

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedHbos:  # noqa: ARG002
        """Count."""
        low = train.min(axis=0)
        width = np.maximum(train.max(axis=0) - low, 1e-12) / _N_BINS * (1.0 + 1e-12)
        counts = np.zeros((train.shape[1], _N_BINS + 2))
        for i in range(train.shape[1]):
            bins = np.floor((train[:, i] - low[i]) / width[i]).astype(np.int64)
            counts[i, 1:-1] = np.bincount(np.minimum(bins, _N_BINS - 1), minlength=_N_BINS)
        surprise = -np.log((counts + 1.0) / (counts.max(axis=1, keepdims=True) + 1.0))
        return FittedHbos(low, width, surprise)
