"""Limits: how far a forecast may leave what the history has shown."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel

_NEWEST = 64
_STILL = 4_000
_ROUNDING = 1e-12


def limits(panel: Panel) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest value that a forecast may take, each float64 (n_series,), source unit.

    Half the usual range beyond the extremes, and one and a half beyond the usual values unless the newest are further
    out; a series that was never negative stays so, nor does one that was never positive become positive.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a series without any sample
        lowest, highest = np.nanmin(panel.truth, axis=1), np.nanmax(panel.truth, axis=1)
        newest = panel.truth[:, -_NEWEST:]
        newest_low, newest_high = np.nanmin(newest, axis=1), np.nanmax(newest, axis=1)
    reach = panel.high - panel.low
    top = np.minimum(highest + 0.5 * reach, np.fmax(panel.high + 1.5 * reach, newest_high + 0.5 * reach))
    bottom = np.maximum(lowest - 0.5 * reach, np.fmin(panel.low - 1.5 * reach, newest_low - 0.5 * reach))
    lowest, highest = lowest + panel.centre, highest + panel.centre
    bottom = np.where(lowest >= 0.0, np.maximum(bottom + panel.centre, 0.0), bottom + panel.centre)
    top = np.where(highest <= 0.0, np.minimum(top + panel.centre, 0.0), top + panel.centre)
    return np.nan_to_num(bottom, nan=0.0), np.nan_to_num(top, nan=0.0)


def hold_still(panel: Panel, forecast: NDArray[np.float64]) -> NDArray[np.float64]:
    """Repeat the last value of series that have not moved for 4000 steps (or ever), and round what is all but zero.

    Args:
        panel: the series.
        forecast: float64 (n_series, 15, horizon), source unit.

    Returns:
        the same with those series replaced.
    """
    newest = np.arange(panel.n_steps) >= np.maximum(panel.first, panel.n_steps - _STILL)[:, None]
    lowest = np.where(newest, panel.values, np.inf).min(axis=1, initial=np.inf)
    highest = np.where(newest, panel.values, -np.inf).max(axis=1, initial=-np.inf)
    still = highest == lowest
    result = forecast.copy()
    result[still] = (lowest + panel.centre)[still, None, None]
    size = np.abs(panel.high + panel.centre) + np.abs(panel.low + panel.centre) + (panel.high - panel.low)
    result[np.abs(result) <= _ROUNDING * size[:, None, None]] = 0.0
    return result
