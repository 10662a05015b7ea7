"""Following a series: whether it is at its level, or how long ago, how far and how steadily it has departed from it.

A value further from the level than its usual deviations opens a *departure*; it ends when values come back more than
half way, and is *confirmed* as the new level after `CONFIRMED_STEPS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Usual deviations from the level that open a departure.
OPENS_AT = 3.5
#: After so many steps a departure is the level.
CONFIRMED_STEPS = 288
#: Numbers of a state, see `level_shift.LevelScan`.
STATE_SIZE = 6
# The level moves by this share of a deviation, which counts as two usual ones at most: a walk is followed, a step not.
_RATE = 1.0 / 96.0
_MOST_FOLLOWED = 2.0
# A departure leads to a level where its values lie about one: a burst's differ by about as much as their mean.
_MOST_UNSTEADY = 0.4
_USUALLY_UNSTEADY = 0.2
# Values over which the size of a departure is a mean.
_MEMORY = 12.0
# One value that came back ends a departure younger than this; an older one has noise of its own and needs two.
_YOUNG = 4.0


def unsteadiness(states: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far values of a departure lie from its size, over that size, float64 (...) of float64 (..., 6).

    About 0.1 after a step of eight standard deviations; one value says nothing, and counts as `_USUALLY_UNSTEADY`.
    """
    ratio = states[..., 5] / np.maximum(np.abs(states[..., 2]), 1e-300)
    share = 1.0 / np.maximum(states[..., 1], 1.0)
    unsteady: NDArray[np.float64] = (1.0 - share) * ratio + share * _USUALLY_UNSTEADY
    return unsteady


def at_a_level(states: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a series has departed to another level, rather than into a burst: bool (...) of float64 (..., 6)."""
    has_departed: NDArray[np.bool_] = states[..., 1] > 0.0
    return has_departed & (states[..., 5] <= _MOST_UNSTEADY * np.abs(states[..., 2]))


@compiled
def follow(rest: NDArray[np.float64], state: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Go on from a state, which is changed in place.

    Args:
        rest: float64 (n_values,), values less the pattern; NaN says nothing, and time passes.
        state: float64 (6,), see `level_shift.LevelScan`; with a usual deviation of zero nothing happens.

    Returns:
        departures, float64 (n, 2): age reached, and 1 where it ended rather than was confirmed; and the confirmed
        shifts as in `level_shift.LevelScan`.
    """
    departures = np.empty((len(rest), 2))
    shifts = np.empty((len(rest) // CONFIRMED_STEPS + 1, 2))
    n_departures = n_shifts = 0
    level, age, size, n_back, usual, unsteady = state
    for i in range(len(rest)):
        if usual <= 0.0:
            break
        if np.isnan(rest[i]):
            age += age > 0.0
            continue
        deviation = rest[i] - level
        if age == 0.0:
            if abs(deviation) > OPENS_AT * usual:
                age, size, n_back, unsteady = 1.0, deviation, 0.0, 0.0
            else:
                level += _RATE * min(max(deviation, -_MOST_FOLLOWED * usual), _MOST_FOLLOWED * usual)
            continue
        age += 1.0
        if deviation * np.sign(size) < 0.5 * abs(size):
            n_back += 1.0
            if n_back >= 2.0 or age <= _YOUNG:
                departures[n_departures, 0], departures[n_departures, 1] = age - n_back, 1.0
                n_departures += 1
                age, size, n_back = 0.0, 0.0, 0.0
            continue
        n_back = 0.0
        unsteady += (abs(deviation - size) - unsteady) / min(age - 1.0, _MEMORY)
        size += (deviation - size) / min(age, _MEMORY)
        if age >= CONFIRMED_STEPS:
            departures[n_departures, 0], departures[n_departures, 1] = age, 0.0
            n_departures += 1
            shifts[n_shifts, 0], shifts[n_shifts, 1] = i - age + 1, size
            n_shifts += 1
            level += size
            age, size = 0.0, 0.0
    state[0], state[1], state[2], state[3], state[5] = level, age, size, n_back, unsteady
    return departures[:n_departures], shifts[:n_shifts]


@compiled
def follow_each(
    recent: NDArray[np.float64],
    patterns: NDArray[np.float64],
    age_steps: NDArray[np.float64],
    states: NDArray[np.float64],
) -> NDArray[np.float64]:
    """`follow` for each series since its own fit; the states are changed in place.

    Args:
        recent: float64 (n_series, n_recent), the newest values, a step apart, ending now; NaN where there is none.
        patterns: float64 (n_series, n + 1), pattern from the fit on; held at its end.
        age_steps: float64 (n_series,), steps since the fit.
        states: float64 (n_series, 6) at the fit; a usual deviation of zero is not followed.

    Returns:
        the pattern now, float64 (n_series,).
    """
    last = patterns.shape[1] - 1
    n_recent = recent.shape[1]
    here = np.empty(len(states))
    for row in range(len(states)):
        rest = np.empty(n_recent)
        n_since = 0
        for column in range(n_recent + 1):
            # The pattern between two steps, where fit and forecast stand at other instants; the last turn is now.
            age = age_steps[row] - (n_recent - 1 - min(column, n_recent - 1))
            position = min(max(age, 0.0), float(last))
            left = min(int(position), max(last - 1, 0))
            step = patterns[row, min(left + 1, last)] - patterns[row, left]
            here[row] = patterns[row, left] + (position - left) * step
            # A sample at the fit's own instant is in the state already.
            if column < n_recent and age > 0.5:
                rest[n_since] = recent[row, column] - here[row]
                n_since += 1
        if states[row, 4] > 0.0:
            follow(rest[:n_since], states[row])
    return here
