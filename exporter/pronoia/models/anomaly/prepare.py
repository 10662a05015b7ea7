"""Preparation: what detectors may rely on, from histories as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Steps of history below which nothing can be called unusual.
MIN_STEPS = 32
# What lies farther off, in standard deviations, is as far: squares of nonsense would overflow, and never be over.
_FARTHEST = 1e6
# Least spread, as a share of the values' size, that is more than rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Preparation:
    """How values of n_metrics metrics become standardised ones of those that can be scored.

    Args:
        kept: int64 (n_kept,), the metrics that move and have samples.
        centre: float64 (n_kept,), their means.
        scale: float64 (n_kept,), their standard deviations.
        last: float64 (n_kept,), the newest values, carried forward where samples are missing.
        n_constant: metrics left out because they never moved.
        n_empty: metrics left out because fewer than `MIN_STEPS` of their samples are known.
    """

    kept: NDArray[np.int64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    last: NDArray[np.float64]
    n_constant: int
    n_empty: int

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standardised, gaps filled with the value before, float64 (n_steps, n_kept)."""
        return self.advance(values)[0]

    def advance(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], Preparation]:
        """The same, and the preparation of what follows these values."""
        filled = carried(np.concatenate((self.last[None, :], values[:, self.kept])))
        with np.errstate(over="ignore"):
            standardised = (filled[1:] - self.centre) / self.scale
        return np.clip(standardised, -_FARTHEST, _FARTHEST), replace(self, last=filled[-1].copy())


def prepare(train: NDArray[np.float64]) -> tuple[Preparation, NDArray[np.float64]]:
    """Learn the preparation from a history, float64 (n_steps, n_metrics), NaN or infinite where nothing is known.

    Returns:
        the preparation, and the history by it (n_steps, n_kept).

    Raises:
        ModelError: if no metric can be scored.
    """
    finite = np.isfinite(train)
    enough = finite.sum(axis=0) >= MIN_STEPS
    known = np.where(finite, train, np.nan)[:, enough]
    # Far from zero, squares would overflow; a shift and a power of ten do not change what is standardised.
    size = np.nanmax(np.abs(known), axis=0) if known.size else np.empty(0)
    unit = np.where(size > 0.0, size, 1.0)
    mean, spread = np.nanmean(known / unit, axis=0), np.nanstd(known / unit, axis=0)
    moves = spread > _ROUNDING
    kept = np.flatnonzero(enough)[moves]
    n_constant, n_empty = int((~moves).sum()), int((~enough).sum())
    if not len(kept):
        raise ModelError("anomaly", f"nothing to score: {n_constant} metrics never moved, {n_empty} have few samples")
    centre = (mean * unit)[moves]
    filled = carried(np.concatenate((centre[None, :], train[:, kept])))[1:]
    preparation = Preparation(kept, centre, (spread * unit)[moves], filled[-1], n_constant, n_empty)
    return preparation, preparation(train)


def carried(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Missing values replaced by the one before; the first row is complete."""
    at = np.where(np.isfinite(values), np.arange(len(values))[:, None], 0)
    filled: NDArray[np.float64] = np.take_along_axis(values, np.maximum.accumulate(at, axis=0), axis=0)
    return filled
