"""Seasonal profile: the mean shape of a cycle, as strongly as it repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# How fast old cycles are forgotten; the one that would have foretold past cycles best is used.
_DECAYS = (0.4, 0.7, 0.9)
_MAX_CYCLES = 28


def seasonal_profile(values: NDArray[np.float64], season: int, smooth_steps: int = 1) -> NDArray[np.float64]:
    """Mean deviation from the cycle's mean at each phase, shrunk by how well past cycles foretold the next.

    Each cycle is regressed on the weighted mean of those before it; the slope, clipped to 0-1, shrinks the profile: a
    season that is not there gets a profile of nearly zero, so that asking for it does little harm.

    Args:
        values: float64 (n_values,), finite.
        season: length of the cycle in steps.
        smooth_steps: width of a circular moving mean over the profile.

    Returns:
        float64 (season,) with mean zero; element 0 is the phase of the step after the last value. All zero if
        `values` holds less than two cycles.
    """
    n_cycles = min(len(values) // season, _MAX_CYCLES)
    if n_cycles < 2:
        return np.zeros(season)
    cycles = values[len(values) - n_cycles * season :].reshape(n_cycles, season)
    cycles = cycles - cycles.mean(axis=1, keepdims=True)
    best, best_loss = np.zeros(season), float(np.square(cycles[1:]).sum())
    for decay in _DECAYS:
        ages = np.arange(n_cycles)[:, None] - np.arange(n_cycles)[None, :]
        weights = np.where(ages > 0, decay ** np.maximum(ages, 0), 0.0)[1:]
        foretold = (weights @ cycles) / weights.sum(axis=1, keepdims=True)
        power = float(np.square(foretold).sum())
        if power <= 0.0:
            continue
        strength = min(max(float((cycles[1:] * foretold).sum()) / power, 0.0), 1.0)
        loss = float(np.square(cycles[1:] - strength * foretold).sum())
        if loss < best_loss:
            newest = decay ** np.arange(n_cycles - 1, -1, -1.0)
            best, best_loss = strength * (newest @ cycles) / newest.sum(), loss
    return _circular_mean(best, smooth_steps)


def tile_back(profile: NDArray[np.float64], n_values: int) -> NDArray[np.float64]:
    """The profile at the phases of the last `n_values` steps, float64 (n_values,)."""
    return np.resize(profile[::-1], n_values)[::-1]


def tile_on(profile: NDArray[np.float64], n_steps: int) -> NDArray[np.float64]:
    """The profile from the last instant seen on, float64 (n_steps + 1,)."""
    return np.resize(np.roll(profile, 1), n_steps + 1)


def _circular_mean(profile: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    width = min(width, len(profile)) | 1
    if width <= 1 or width > len(profile):
        return profile
    half = width // 2
    padded = np.concatenate([profile[-half:], profile, profile[:half]])
    smooth: NDArray[np.float64] = np.convolve(padded, np.full(width, 1.0 / width), mode="valid")
    return smooth
