"""Jumps: slots at which a metric stands far above its last half hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

_JUMP_OVER = 6
#: How far above the mean of the six slots before, of the load and each of `OTHERS`: ratios, and log(1 + KB/s).
JUMP_LIMITS = (0.2, 0.2, 1.0, 1.0, 1.0, 1.0)


@compiled
def is_jump(x: NDArray[np.float32], t: int, limit: float) -> bool:
    """Whether one subject's metric jumps at a slot; never where any of the seven slots before it is not known."""
    if t < _JUMP_OVER or np.isnan(x[max(t - _JUMP_OVER - 1, 0)]):
        return False
    total = 0.0
    for k in range(t - _JUMP_OVER, t):
        total += np.float64(x[k])
    return bool(np.float64(x[t]) - total / _JUMP_OVER >= limit)


@compiled
def jumps_of(values: NDArray[np.float32], limit: float) -> NDArray[np.bool_]:
    """Where each subject's metric jumps, bool as `values` (n_subjects, n_slots)."""
    jumps = np.zeros(values.shape, np.bool_)
    for row in range(len(values)):
        for t in range(values.shape[1]):
            jumps[row, t] = is_jump(values[row], t, limit)
    return jumps
