"""More overloads to learn from: the same loads with other thresholds.

Overloads are rare. What leads to one is much the same at 30 % for a machine that hardly ever reaches 30 % as at 90 %
for another, so each history is copied with its own high quantile for a threshold, and network throughput stands in as
one more resource. On real machines this, with `balance_subjects`, was worth more than any group of features.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.load import OTHERS
from pronoia.features.slots import HIGH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory

_LOAD_QUANTILES = (0.98, 0.995)
_NETWORK_QUANTILE = 0.99
# A quantile is a threshold only where it stands out, and above what is next to nothing (a ratio; KB/s).
_OVER_MEDIAN = 1.5
_LEAST_LOAD, _LEAST_NETWORK = 0.02, 100.0
_HIGHEST = 1.5


def virtual_histories(history: LoadHistory, first: int, end: int) -> list[LoadHistory]:
    """Copies whose thresholds are quantiles of the slots first .. end - 1; NaN for subjects that have none.

    Args:
        history: the real one.
        first: first slot of the training span.
        end: first slot after it; quantiles know nothing of what follows.
    """
    with np.errstate(over="ignore"):
        received, sent = (np.expm1(history.others[OTHERS.index(f"network_{way}")]) for way in ("receive", "transmit"))
    loads = [(history.load, quantile, _LEAST_LOAD, HIGH) for quantile in _LOAD_QUANTILES]
    loads.append((received + sent, _NETWORK_QUANTILE, _LEAST_NETWORK, np.inf))
    copies = []
    for load, quantile, least, most in loads:
        threshold = _threshold(load[:, first:end], quantile, least, most)
        scaled = np.minimum(load * (HIGH / threshold)[:, None], _HIGHEST).astype(np.float32)
        copies.append(replace(history, load=scaled))
    return copies


def _threshold(span: NDArray[np.float32], quantile: float, least: float, most: float) -> NDArray[np.float64]:
    """The quantile where it can serve as a threshold, else NaN, float64 (n_subjects,)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # subjects without a value
        high, median = (np.nanquantile(span, share, axis=1).astype(np.float64) for share in (quantile, 0.5))
    stands_out = (high > _OVER_MEDIAN * median) & (high > least) & (high < most)
    return np.where(stands_out, high, np.nan)
