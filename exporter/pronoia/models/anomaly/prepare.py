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
        last_age: int64 (n_kept,), how many steps ago these were known.
        n_constant: metrics left out because they never moved.
        n_empty: metrics left out because fewer than `MIN_STEPS` of their samples are known.
    """

    kept: NDArray[np.int64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    last: NDArray[np.float64]
    last_age: NDArray[np.int64]
    n_constant: int
    n_empty: int

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standardised, gaps filled with the value before, float64 (n_steps, n_kept)."""
        return self._standardised(self._filled(values)[1:])

    def advance(
        self, values: NDArray[np.float64], carried_steps: float
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], Preparation]:
        """The same with the mean in what is left of a gap after `carried_steps`, and the preparation of what follows.

        Returns:
            values, which of them are the mean in a gap, both (n_steps, n_kept), and the preparation.
        """
        filled, ages = self._filled(values), _ages(values[:, self.kept], self.last_age)
        is_unknown = ages > carried_steps
        prepared = np.where(is_unknown, 0.0, self._standardised(filled[1:]))
        later = replace(self, last=filled[-1].copy(), last_age=ages[-1].copy()) if len(ages) else self
        return prepared, is_unknown, later

    def _filled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return carried(np.concatenate((self.last[None, :], values[:, self.kept])))

    def _standardised(self, filled: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(over="ignore"):
            return np.clip((filled - self.centre) / self.scale, -_FARTHEST, _FARTHEST)


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
    last_age = _ages(train[:, kept], np.zeros(len(kept), np.int64))[-1]
    preparation = Preparation(kept, centre, (spread * unit)[moves], filled[-1], last_age, n_constant, n_empty)
    return preparation, preparation(train)


def carried(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Missing values replaced by the one before; the first row is complete."""
    at = np.where(np.isfinite(values), np.arange(len(values))[:, None], 0)
    filled: NDArray[np.float64] = np.take_along_axis(values, np.maximum.accumulate(at, axis=0), axis=0)
    return filled


def _ages(values: NDArray[np.float64], last_age: NDArray[np.int64]) -> NDArray[np.int64]:
    """Steps since each value was known, where the step before the first is `last_age` away from one."""
    steps = np.arange(len(values))[:, None]
    known_at = np.where(np.isfinite(values), steps, -1 - last_age)
    ages: NDArray[np.int64] = steps - np.maximum.accumulate(known_at, axis=0)
    return ages
