"""What the prior's network is told of a target: how far ahead, and what was there a cycle ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.models.forecast.prior.history_inputs import PrefixSums

#: Hour, day, week.
CALENDAR_SECONDS = (3_600, 86_400, 604_800)
_CYCLES = 5
_PER_PERIOD = 7
N_HORIZON = _PER_PERIOD * len(CALENDAR_SECONDS) + 4
# Shortest period that has a shape.
_MIN_STEPS = 6


def calendar_periods(step_seconds: float) -> tuple[int, ...]:
    """Hour, day and week in steps; 0 for one that is shorter than six steps.

    >>> calendar_periods(300)
    (12, 288, 2016)
    >>> calendar_periods(3600)
    (0, 24, 168)
    """
    periods = (round(seconds / step_seconds) for seconds in CALENDAR_SECONDS)
    return tuple(period if period >= _MIN_STEPS else 0 for period in periods)


def horizon_inputs(
    sums: PrefixSums,
    anchors: NDArray[np.int64],
    horizons: NDArray[np.int64],
    periods: Sequence[int],
    centre: NDArray[np.float64],
    scale: NDArray[np.float64],
) -> NDArray[np.float32]:
    """The network's inputs for targets `horizons` steps after the anchors.

    Args:
        sums: of the whole series.
        anchors: int64 (n_anchors,), how many values are past.
        horizons: int64 (n_anchors, n_horizons), from 1.
        periods: three lengths in steps, of the slots for hour, day and week; 0 for none.
        centre: float64 (n_anchors,).
        scale: float64 (n_anchors,).

    Returns:
        float32 (n_anchors, n_horizons, 25).
    """
    out = np.zeros((*horizons.shape, N_HORIZON), np.float32)
    unit = np.where(scale > 0.0, scale, 1.0)[:, None]
    at = anchors[:, None]

    def relative(raw: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.nan_to_num(np.arcsinh((raw - centre[:, None]) / unit))

    for slot, period in enumerate(periods):
        if not period:
            continue
        ahead = -(-horizons // period)
        target = at - 1 + horizons - ahead * period
        cycles = np.clip((target + 1) // period + 1, 0, _CYCLES)
        present = target >= 0
        if not present.any():
            continue
        block = out[..., slot * _PER_PERIOD : (slot + 1) * _PER_PERIOD]
        profile = _profile(sums, target, period, at)
        now = _profile(sums, at - 1 - period, period, at)
        block[..., 0] = relative(np.where(present, sums.values[np.maximum(target, 0)], np.nan))
        block[..., 1] = relative(sums.mean(target - period // 288, np.minimum(target + period // 288 + 1, at)))
        block[..., 2] = relative(profile)
        block[..., 3] = relative(now)
        block[..., 4] = np.nan_to_num(np.arcsinh((profile - now) / unit))
        block[..., 5] = cycles / _CYCLES
        block[..., 6] = present
        block[~present] = 0.0
    logs = np.log(horizons)
    out[..., -4] = logs / 5.0
    out[..., -3] = 1.0 / horizons
    out[..., -2] = 1.0 / np.sqrt(horizons)
    out[..., -1] = (logs / 5.0) ** 2
    return out


def _profile(
    sums: PrefixSums, newest: NDArray[np.int64], period: int, past: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Mean over up to five cycles of the smoothed value at a phase, of `past` values; NaN before the series began."""
    half = max(1, period // 72)
    total, count = np.zeros(newest.shape), np.zeros(newest.shape)
    for cycle in range(_CYCLES):
        middle = newest - cycle * period
        mean = sums.mean(middle - half, np.minimum(middle + half + 1, past))
        known = (middle >= 0) & ~np.isnan(mean)
        total += np.where(known, mean, 0.0)
        count += known
    with np.errstate(invalid="ignore"):
        profile: NDArray[np.float64] = total / np.where(count > 0, count, np.nan)
    return profile
