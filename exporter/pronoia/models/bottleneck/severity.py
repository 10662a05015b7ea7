"""How bad it will be, on a scale of 1 to 10: one formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST, _MOST = 1, 10
_ALONE, _SOON, _FAR_ABOVE = 0.5, 0.25, 0.25
# A tenth above the threshold is as bad as it gets: of a ratio with a threshold of 0.9, nearly all there is.
_WORST_EXCESS = 0.1


def severity(
    probability: NDArray[np.float64],
    eta_seconds: NDArray[np.float64],
    longest_seconds: float,
    peak: NDArray[np.float64],
    threshold: float,
) -> NDArray[np.int64]:
    """`1 + 9 * p * (1/2 + 1/4 * soon + 1/4 * far)`, rounded, int64 (n_rows,).

    `p` is the probability within the longest horizon; `soon` falls from 1 (now) to 0 (at the longest horizon, or not
    expected); `far` rises from 0 (the load stays at the threshold) to 1 (a tenth above it).

    Args:
        probability: float64 (n_rows,), within the longest horizon.
        eta_seconds: float64 (n_rows,), NaN where none is expected.
        longest_seconds: the longest horizon.
        peak: float64 (n_rows,), the highest load in sight, now or forecast, in the threshold's unit.
        threshold: where an overload begins; positive.

    >>> severity(np.array([0.0, 0.5, 1.0]), np.array([np.nan, 7200.0, 0.0]), 14400.0, np.array([0.2, 0.9, 1.0]), 0.9)
    array([ 1,  4, 10])
    """
    soon = 1.0 - np.clip(np.where(np.isnan(eta_seconds), longest_seconds, eta_seconds) / longest_seconds, 0.0, 1.0)
    far = np.clip((np.nan_to_num(peak) / threshold - 1.0) / _WORST_EXCESS, 0.0, 1.0)
    share = probability * (_ALONE + _SOON * soon + _FAR_ABOVE * far)
    return np.rint(_LEAST + (_MOST - _LEAST) * share).astype(np.int64)
