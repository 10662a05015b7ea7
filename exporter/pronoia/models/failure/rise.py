"""How a rise began, how long it has lasted, and how earlier ones ended; all from the past alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A fall ends a rise if it takes back a tenth of the limit and two fifths of what the rise had gained.
_LEAST_FALL, _LEAST_FALL_SHARE = 0.1, 0.4
# A rise has lasted as long as each quarter of it is higher than the one before, none by less than a part of its share.
_LEAST_QUARTER_SHARE = 0.15
_LEAST_AGE = 8
# What follows the load is told by differences over so many slots; larger ones are restarts.
_RESPONSE_SLOTS, _LARGEST_STEP, _LEAST_PAIRS = 8, 0.25, 16
_RESPONSE_RIDGE = 1.1


@compiled
def earlier_rises(
    used: NDArray[np.float64], failed: NDArray[np.bool_], first: int, now: int, peaks: NDArray[np.float64]
) -> tuple[int, int, int]:
    """Where the present stretch begins, and how the stretches before it ended.

    A stretch ends with a failure, a gap, or a large fall (a log that is rotated, a batch that is done, a restart).

    Args:
        used: float64 (n_slots,) of one series.
        failed: bool (n_slots,).
        first: first slot that is looked at.
        now: last slot that is looked at.
        peaks: is filled with the highest values before large falls.

    Returns:
        first slot of the present stretch, number of falls, number of failures.
    """
    begin, n_falls, n_failures = first, 0, 0
    high, low = -1.0, np.inf
    for slot in range(first, now + 1):
        value = used[slot]
        if failed[slot] or np.isnan(value):
            n_failures += failed[slot]
            begin, high, low = slot + 1, -1.0, np.inf
            continue
        fall = high - value
        if high >= 0.0 and fall > _LEAST_FALL and fall > _LEAST_FALL_SHARE * (high - low):
            peaks[n_falls] = high
            n_falls += 1
            begin, high, low = slot, value, value
        high, low = max(high, value), min(low, value)
    return begin, n_falls, n_failures


@compiled
def load_response(used: NDArray[np.float64], load: NDArray[np.float64], first: int, end: int) -> float:
    """By how much the signal grows with the load, never below 0; shrunk, and 0 where too little is known."""
    products, squares, n_pairs = 0.0, 0.0, 0
    for slot in range(first + _RESPONSE_SLOTS, end):
        by_load = load[slot] - load[slot - _RESPONSE_SLOTS]
        by = used[slot] - used[slot - _RESPONSE_SLOTS]
        if np.isnan(by_load) or np.isnan(by) or abs(by) > _LARGEST_STEP:
            continue
        products += by_load * by
        squares += by_load * by_load
        n_pairs += 1
    if n_pairs < _LEAST_PAIRS or squares <= 0.0:
        return 0.0
    return max(products / (squares * _RESPONSE_RIDGE), 0.0)


@compiled
def age_of_rise(values: NDArray[np.float64], first: int, now: int, most: int) -> int:
    """Slots for which it has risen steadily up to now, 0 if it does not; see the constants for what is steady."""
    age, width = 0, _LEAST_AGE
    while width <= most and now + 1 - width >= first:
        quarter = width // 4
        before, least, first_mean = 0.0, np.inf, 0.0
        for part in range(4):
            mean = 0.0
            for slot in range(now + 1 - width + part * quarter, now + 1 - width + (part + 1) * quarter):
                mean += values[slot]
            mean /= quarter
            if part == 0:
                first_mean = mean
            else:
                least = min(least, mean - before)
            before = mean
        if least > 0.0 and least > _LEAST_QUARTER_SHARE * (before - first_mean) / 3.0:
            age = width
        width += 4 if width < 48 else 8
    return age
