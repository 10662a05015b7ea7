"""The newest samples against the level kept from the fit: which series have departed, and what then is forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.level_shift import follow_each
from pronoia.models.forecast.shift_outlook import mix_outcomes

if TYPE_CHECKING:
    from numpy.typing import NDArray


def departures(
    states: NDArray[np.float64], patterns: NDArray[np.float64], recent: NDArray[np.float64], age_steps: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Series that are away from their level now.

    Args:
        states: float64 (n_series, 5) at the fit, see `level_shift.LevelScan`.
        patterns: float64 (n_series, n + 1), pattern of the day from the fit on; held at its end.
        recent: float64 (n_series, n_recent), the newest values, a step apart, ending now; NaN where there is none.
        age_steps: steps since the fit.

    Returns:
        their rows, int64 (n,); the age of each departure in steps, float64 (n,); and where each series is now with its
        noise averaged out, float64 (n,).
    """
    ages = age_steps - np.arange(recent.shape[1])[::-1]
    # A sample at the fit's own instant is in the state already.
    since = ages > 0.5
    last = patterns.shape[1] - 1
    positions = np.clip(ages[since], 0.0, float(last))
    left = np.minimum(positions.astype(np.int64), max(last - 1, 0))
    share = positions - left
    pattern = patterns[:, left] * (1.0 - share) + patterns[:, np.minimum(left + 1, last)] * share
    rest = recent[:, since] - pattern
    states = states.copy()
    follow_each(np.ascontiguousarray(rest), states)
    rows = np.flatnonzero(states[:, 1] > 0.0)
    now = min(max(age_steps, 0.0), float(last))
    low = min(int(now), max(last - 1, 0))
    here = patterns[:, low] + (now - low) * (patterns[:, min(low + 1, last)] - patterns[:, low])
    present = states[:, 0] + states[:, 2] + here
    return rows, states[rows, 1], present[rows]


def respond(
    forecast: NDArray[np.float64],
    stays: NDArray[np.float64],
    stay_share: NDArray[np.float64],
    *,
    rows: NDArray[np.int64],
    level: float,
) -> NDArray[np.float64]:
    """The forecast with both outcomes of each departure in it.

    Args:
        forecast: float64 (3, n_series, n_steps), lower, point and upper without regard to departures.
        stays: float64 (3, n_rows, n_steps), the same where the series that departed stay where they are.
        stay_share: float64 (n_rows, n_steps), how probable that is, from `survival`.
        rows: int64 (n_rows,), from `departures`.
        level: coverage of the bounds.

    Returns:
        float64 (3, n_series, n_steps); other series are as they were.
    """
    result = forecast.copy()
    result[:, rows] = mix_outcomes(forecast[:, rows], stays, stay_share, level)
    return result
