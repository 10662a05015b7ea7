"""Histories on slots, placed once for all resources that look at them, and only as far as they are new."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.series import Grid, align

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from pronoia.series import History, LabelSet


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    history: History
    labels: tuple[LabelSet, ...]
    grid: Grid
    values: NDArray[np.float32]
    newest_ms: int


class SlottedHistories:
    """Remembers what each source was worth in each slot. Safe to share by threads.

    A slot holds the samples after its start, up to and with its end, and is worth the newest of them; so a history that
    was thinned to one sample a step is worth the same as before. Values that cannot be (negative, not finite) count as
    missing.

    """

    def __init__(self) -> None:
        self._placed: dict[tuple[str, int], _Placed] = {}
        self._lock = threading.Lock()

    def values(self, source: str, history: History, grid: Grid, overlap_ms: int) -> NDArray[np.float32]:
        """What the series of a history are worth in each slot, float32 (n_series, n_slots), read-only.

        Args:
            source: names what the history is of.
            history: up to now.
            grid: the slots' starts.
            overlap_ms: how far back samples may come late.
        """
        key = (source, grid.step_ms)
        before = self._placed.get(key)
        if before is not None and before.history is history and before.grid == grid:
            return before.values
        values = np.full((history.n_series, grid.n_steps), np.nan, np.float32)
        first = 0
        if before is not None and (before.labels is history.labels or before.labels == history.labels):
            first = _keep(before, grid, values, overlap_ms)
        rest = Grid(grid.start_ms + first * grid.step_ms, grid.step_ms, grid.n_steps - first)
        values[:, first:] = _place(history, rest)
        values.flags.writeable = False
        times = history.newer.timestamps_ms
        newest_ms = int(times.max()) if len(times) else grid.start_ms
        with self._lock:
            self._placed[key] = _Placed(history, history.labels, grid, values, newest_ms)
        return values

    def forget_others(self, sources: Iterable[str]) -> None:
        """Keep what is remembered of these sources only."""
        kept = set(sources)
        with self._lock:
            self._placed = {key: placed for key, placed in self._placed.items() if key[0] in kept}


def _keep(before: _Placed, grid: Grid, values: NDArray[np.float32], overlap_ms: int) -> int:
    """Copy what cannot have changed; returns the first slot that may have."""
    step = grid.step_ms
    shift = (grid.start_ms - before.grid.start_ms) // step
    if not 0 <= shift < grid.n_steps or before.grid.n_steps != grid.n_steps:
        return 0
    settled = (before.newest_ms - overlap_ms - grid.start_ms) // step - 1
    first = int(np.clip(settled, 0, grid.n_steps - shift))
    values[:, :first] = before.values[:, shift : shift + first]
    return first


def _place(history: History, grid: Grid) -> NDArray[np.float32]:
    at_ends = Grid(grid.start_ms + grid.step_ms, grid.step_ms, grid.n_steps)
    values = align(history, at_ends, grid.step_ms).values
    with np.errstate(over="ignore", invalid="ignore"):
        placed = np.where(values >= 0.0, values, np.nan).astype(np.float32)
    placed[np.isinf(placed)] = np.nan
    return placed
