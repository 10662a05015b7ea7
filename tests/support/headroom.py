"""Signals on their way to limits, whose ends are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.failure.headroom import HeadroomHistory

if TYPE_CHECKING:
    from numpy.typing import NDArray


def history_of(*used: NDArray[np.float64], failed: tuple[tuple[int, int], ...] = ()) -> HeadroomHistory:
    """A history of these series, without a load; failures are (series, slot)."""
    values = np.array(used, dtype=np.float64)
    flags = np.zeros(values.shape, np.bool_)
    for series, slot in failed:
        flags[series, slot] = True
    return HeadroomHistory(values, np.full(values.shape, np.nan), flags)


def noise(n_slots: int, seed: int = 0, deviation: float = 0.003) -> NDArray[np.float64]:
    """Normal noise."""
    return np.random.default_rng(seed).normal(0.0, deviation, n_slots)


def leak(n_slots: int = 120, begins: int = 60, per_slot: float = 0.01, level: float = 0.3) -> NDArray[np.float64]:
    """Flat, then a straight rise."""
    return level + per_slot * np.maximum(np.arange(n_slots) - begins, 0) + noise(n_slots)


def plateau(n_slots: int = 160, begins: int = 40, height: float = 0.35, level: float = 0.3) -> NDArray[np.float64]:
    """Flat, then a warm-up that levels off."""
    since = np.maximum(np.arange(n_slots) - begins, 0)
    return level + height * (1.0 - np.exp(-since / 15.0)) + noise(n_slots)


def saw_tooth(n_slots: int = 200, period: int = 40, low: float = 0.2, high: float = 0.8) -> NDArray[np.float64]:
    """A log that is rotated."""
    return low + (high - low) * (np.arange(n_slots) % period) / period + noise(n_slots)


def newest(history: HeadroomHistory) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and slots of the newest value of each series."""
    n_series = len(history.used)
    return np.arange(n_series), np.full(n_series, history.n_slots - 1)
