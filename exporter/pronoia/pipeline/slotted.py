"""Histories on slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.series import Grid, align

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.series import History


def on_slots(history: History, grid: Grid) -> NDArray[np.float32]:
    """What the series of a history are worth in each slot, float32 (n_series, n_slots).

    A slot holds the samples after its start, up to and with its end, and is worth the newest of them; so a history that
    was thinned to one sample a step is worth the same as before. Values that cannot be (negative, not finite) count as
    missing.

    Args:
        history: up to now.
        grid: the slots' starts.
    """
    at_ends = Grid(grid.start_ms + grid.step_ms, grid.step_ms, grid.n_steps)
    values = align(history, at_ends, grid.step_ms).values
    with np.errstate(over="ignore", invalid="ignore"):
        placed = np.where(values >= 0.0, values, np.nan).astype(np.float32)
    placed[np.isinf(placed)] = np.nan
    return placed
