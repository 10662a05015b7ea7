"""Weights of the members, per series and horizon, from what they lost in the backtest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.backtest import BUCKETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Weights fall with this power of the loss relative to the best member's.
_POWER = 8.0
# How much of a bucket's verdict is the verdict of all buckets: one bucket alone is a few origins.
_POOLED = 0.8
# Part of the largest loss that is added to all: a member that lost nothing was lucky.
_FLOOR = 0.001
# Steps of history with which a member that is not pretrained counts half, and below which hardly at all.
_HALF_GROWN, _LEAST_OWN = 1_500, 400
# More than nothing, for where no other member speaks.
_NEXT_TO_NOTHING = 1e-9


def first_weights(seen_share: float, lengths: NDArray[np.int64], *, pretrained: bool) -> NDArray[np.float64]:
    """A member's weight on each series before the backtest has spoken, float64 (n_series,).

    A member that learns from nothing but the series itself counts half with 1 500 steps of history, and next to
    nothing below 400.

    >>> first_weights(1.0, np.array([300, 1_500, 13_500]), pretrained=False).round(6).tolist()
    [0.0, 0.5, 0.9]
    """
    if pretrained:
        return np.full(len(lengths), seen_share)
    grown = lengths / (lengths + _HALF_GROWN)
    return seen_share * np.where(lengths < _LEAST_OWN, _NEXT_TO_NOTHING, grown)


def bucket_weights(losses: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights per bucket.

    Args:
        losses: float64 (n_members, n_series, n_buckets); NaN where a member said nothing or no truth was known.
        shares: float64 (n_members, n_series), weights relative to each other before any loss is known.

    Returns:
        float64 (n_members, n_series, n_buckets), summing to one over the members; zero for a member that said nothing
        about a series while others did, and for all where none did.
    """
    spoke = np.logical_or.reduce(np.isfinite(losses), axis=2)
    judged = np.isfinite(losses) | ~spoke[:, :, None]
    # A bucket in which not all could be judged is judged by the others.
    usable = np.logical_and.reduce(judged, axis=0) & np.logical_or.reduce(spoke, axis=0)[:, None]
    finite = np.where(spoke[:, :, None] & usable, losses, 0.0)
    floor = _FLOOR * finite.max(axis=0) + 1e-300
    logs = np.log(finite + floor)
    best = np.where(spoke[:, :, None], logs, np.inf).min(axis=0)
    relative = np.where(usable, logs - np.where(np.isfinite(best), best, 0.0), 0.0)
    pooled = relative.sum(axis=2) / np.maximum(usable.sum(axis=1), 1)
    verdict = np.where(usable, (1.0 - _POOLED) * relative + _POOLED * pooled[:, :, None], pooled[:, :, None])
    weights = shares[:, :, None] * np.exp(-_POWER * verdict) * spoke[:, :, None]
    result: NDArray[np.float64] = weights / np.maximum(weights.sum(axis=0), 1e-300)
    return result


def give_way(
    weights: NDArray[np.float64], follows: NDArray[np.bool_], novelty: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move weight to the members that stay at a level never seen before.

    Args:
        weights: float64 (n_members, n_series, n_buckets).
        follows: bool (n_members,); if there is none, nothing is moved.
        novelty: float64 (n_series,), the share of the weight that they get at least.

    Returns:
        float64 (n_members, n_series, n_buckets).
    """
    if not follows.any():
        return weights
    equal = (follows / follows.sum())[:, None, None]
    moved: NDArray[np.float64] = weights * (1.0 - novelty[:, None]) + equal * novelty[:, None]
    return moved


def horizon_weights(weights: NDArray[np.float64], horizon: int) -> NDArray[np.float64]:
    """Weights at horizons 1 .. horizon, linear in log k between the middles of the buckets.

    Args:
        weights: float64 (n_members, n_series, n_buckets).
        horizon: the furthest, in steps.

    Returns:
        float64 (n_members, n_series, horizon).
    """
    starts = [start for start in BUCKETS if start <= horizon]
    ends = [*(start - 1 for start in starts[1:]), horizon]
    middles = 0.5 * (np.log(starts) + np.log(ends))
    position = np.interp(np.log(np.arange(1, horizon + 1)), middles, np.arange(len(starts)))
    left = np.minimum(position.astype(np.int64), max(len(starts) - 2, 0))
    right = np.minimum(left + 1, len(starts) - 1)
    share = position - left
    spread: NDArray[np.float64] = weights[:, :, left] * (1.0 - share) + weights[:, :, right] * share
    return spread
