"""Sums of fixed blocks of samples, so that a long window costs its blocks and not its samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.compensated import add

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Samples in a block. A window is at most two incomplete blocks and some whole ones.
BLOCK = 64


@compiled
def block_sums(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum of each whole block of a column, and what rounding lost of it; both float64 (n_samples // 64,).

    Blocks begin at multiples of their length; one that spans two series lies wholly inside no window.
    """
    n_blocks = len(values) // BLOCK
    sums, lost = np.zeros(n_blocks), np.zeros(n_blocks)
    for b in range(n_blocks):
        for s in range(b * BLOCK, (b + 1) * BLOCK):
            sums[b], lost[b] = add(values[s], sums[b], lost[b])
    return sums, lost


@compiled
def window_sum(
    values: NDArray[np.float64], sums: NDArray[np.float64], lost: NDArray[np.float64], first: int, last: int
) -> tuple[float, float]:
    """Sum of `values[first:last]` and what rounding lost of it, whole blocks at once."""
    total = compensation = 0.0
    s = first
    while s < last:
        block = s // BLOCK
        # A block that overflows, or holds an infinity, is walked: what comes of it depends on the order.
        if s % BLOCK == 0 and s + BLOCK <= last and np.isfinite(sums[block]):
            total, compensation = add(sums[block], total, compensation)
            compensation += lost[block]
            s += BLOCK
        else:
            total, compensation = add(values[s], total, compensation)
            s += 1
    return total, compensation
