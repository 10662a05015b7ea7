"""Which clock a series follows: people's or UTC's, as a cron job does. What came after a change tells."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.calendar.days import DAY_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.calendar.clock import LocalClock

# Days before the change of which the usual day is the mean.
_MAX_DAYS = 14


def follows_local(values: NDArray[np.float64], clock: LocalClock, step_ms: int) -> bool:
    """Whether a series went with the last change of the clock in its history.

    What came after the change is compared with the usual day before it, once by UTC and once by the local clock; the
    clock with the smaller mean deviation is followed. What moves slower than six hours is left out: it is the steep
    hours that tell. With less than half a day to compare the answer is yes: that is what setting a time zone says.

    Args:
        values: float64 (n_steps,), at steps of UTC; NaN where there is no sample.
        clock: of the history.
        step_ms: distance of two values.
    """
    changed, day = clock.changed, DAY_MS // step_ms
    n_days = min(changed // day, _MAX_DAYS) if day else 0
    if not n_days or DAY_MS % step_ms:
        return True
    before = values[changed - n_days * day : changed].reshape(n_days, day)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        usual = np.nanmean(before, axis=0)
    after = values[changed:]
    moved = int(clock.past[changed] - clock.past[changed - 1]) - 1
    steps = np.arange(len(after))
    by_utc, by_local = (after - usual[(steps + shift) % day] for shift in (0, moved))
    known = np.isfinite(by_utc) & np.isfinite(by_local)
    if 2 * known.sum() < day:
        return True
    utc, local = (_steep(deviation[known], max(day // 4, 2)) for deviation in (by_utc, by_local))
    return local <= utc


def _steep(deviation: NDArray[np.float64], width: int) -> float:
    """Mean absolute deviation from a moving mean."""
    padded = np.pad(deviation, (width // 2, width - width // 2 - 1), mode="edge")
    slow = np.convolve(padded, np.full(width, 1.0 / width), mode="valid")
    return float(np.abs(deviation - slow).mean())
