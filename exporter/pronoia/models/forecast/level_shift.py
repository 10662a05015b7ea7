"""Level shifts: where a series has left its level, for how long by now, and how long such departures have lasted.

A series is followed against a slowly moving level, with the pattern of its day and a steady trend taken out. A value
further from the level than its usual deviations opens a *departure*; it ends when values come back more than half
way, and is *confirmed* as the new level after `CONFIRMED_STEPS`.

What is known of a departure is its age, and of departures in general how many that reached an age came back before the
age doubled: on that scale it is about the same at all ages (the longer something has lasted, the longer it will), so
that a dozen counts make the survival.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.level_follow import follow
from pronoia.models.forecast.profile import seasonal_profile, tile_back, tile_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Ages double from one count to the next; the last holds all that are older.
N_AGES = 10
# The window of the median that usual deviations are measured from, and how often it is taken.
_WINDOW = 96
_STRIDE = 12
# A usual deviation is at least this share of the mean deviation: what hardly ever changes has departures, too.
_LEAST = 0.01
# Fewest days that tell a trend: a step is one change of several.
_TREND_DAYS = 5
# Stretches of the history that each tell what is usual.
_STRETCHES = 9
# Half and 98 % of the normal distribution's absolute values lie below these: a heavy tail has no departures of its own.
_HALF, _TAIL_SHARE, _TAIL = 0.6745, 0.98, 2.3263


@dataclass(frozen=True, slots=True, eq=False)
class LevelScan:
    """What following one series to its end found.

    Args:
        state: float64 (6,): level, age in steps (0: at its level), size of the departure, values that came back in a
            row, usual deviation, mean absolute deviation from the size; all but age and count in the values' unit, see
            `follow`.
        profile: float64 (n_ahead + 1,), the pattern of the day, and the trend, from the last value on.
        counts: float64 (2, `N_AGES`): departures that reached age 2**i, and those of them that ended before 2**(i+1).
        shifts: float64 (n_shifts, 2): index of the first value at a confirmed new level, and the change.
    """

    state: NDArray[np.float64]
    profile: NDArray[np.float64]
    counts: NDArray[np.float64]
    shifts: NDArray[np.float64]


def scan_level(values: NDArray[np.float64], season: int, n_ahead: int) -> LevelScan:
    """Follow a series through its history; a millisecond for two weeks of five minutes.

    Args:
        values: float64 (n_values,), finite.
        season: steps of a day, 0 to take no pattern out.
        n_ahead: how far ahead the pattern is wanted.
    """
    rest, ahead = without_pattern(values, season, n_ahead)
    state = opening_state(rest)
    departures, shifts = follow(rest, state)
    return LevelScan(state, ahead, count_ages(departures), shifts)


def without_pattern(
    values: NDArray[np.float64], season: int, n_ahead: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The values less trend and pattern of the day, (n_values,), and both from the last value on, (n_ahead + 1,)."""
    slope = daily_slope(values, season)
    # Before the pattern: a day that grows would be a pattern that falls back at midnight.
    rest: NDArray[np.float64] = values - slope * np.arange(1.0 - len(values), 1.0)
    ahead: NDArray[np.float64] = slope * np.arange(n_ahead + 1, dtype=np.float64)
    if season and len(values) >= 2 * season:
        profile = seasonal_profile(_without_days(rest, season), season, max(season // 24, 1))
        rest, ahead = rest - tile_back(profile, len(values)), ahead + tile_on(profile, n_ahead)
    return rest, ahead


def opening_state(rest: NDArray[np.float64]) -> NDArray[np.float64]:
    """At the level of the first values, with the usual deviation of all: float64 (6,), see `LevelScan`."""
    least = _LEAST * float(np.abs(rest - np.median(rest)).mean())
    return np.array([float(np.median(rest[: _WINDOW // 2])), 0.0, 0.0, 0.0, max(usual_deviation(rest), least), 0.0])


def daily_slope(values: NDArray[np.float64], season: int) -> float:
    """Median change from day to day, per step: what grows all the time is not departing. Zero below five days.

    >>> daily_slope(np.arange(60.0), 10)
    1.0
    """
    if not season or len(values) < _TREND_DAYS * season:
        return 0.0
    n_days = len(values) // season
    days = np.median(values[len(values) - n_days * season :].reshape(n_days, season), axis=1)
    return float(np.median(np.diff(days))) / season


def usual_deviation(rest: NDArray[np.float64]) -> float:
    """What a normal distribution's standard deviation would be that deviates as much from the median of a while ago.

    Zero for a series that is nearly always constant: nothing tells then which size is unusual.
    """
    if len(rest) < 2 * _STRIDE:
        return 0.0
    width = min(_WINDOW, len(rest) // 2)
    windows = np.lib.stride_tricks.sliding_window_view(rest, width)[:-1:_STRIDE]
    levels = np.repeat(np.median(windows, axis=1), _STRIDE)[: len(rest) - width]
    absolute = np.abs(rest[width:] - levels)
    # The median over stretches: one that holds a shift does not make shifts usual.
    stretches = np.array_split(absolute, max(min(len(absolute) // _WINDOW, _STRETCHES), 1))
    return float(np.median([max(np.median(s) / _HALF, np.quantile(s, _TAIL_SHARE) / _TAIL) for s in stretches]))


def count_ages(departures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Departures that reached each age, and those that ended before twice that age, float64 (2, `N_AGES`).

    >>> count_ages(np.array([[1.0, 1.0], [5.0, 1.0], [288.0, 0.0]]))[:, :4].tolist()
    [[3.0, 2.0, 2.0, 1.0], [1.0, 0.0, 1.0, 0.0]]
    """
    starts = 2.0 ** np.arange(N_AGES)
    ages, ended = departures[:, :1], departures[:, 1:] > 0.0
    ends = np.append(starts[1:], np.inf)
    # One that was still lasting in the middle of an age's span tells of the ages before it only.
    reached = (ages >= starts) & (ended | (ages >= ends))
    return np.stack([reached.sum(axis=0), (reached & ended & (ages < ends)).sum(axis=0)]).astype(np.float64)


def _without_days(values: NDArray[np.float64], season: int) -> NDArray[np.float64]:
    """Values less the median of their day, so that a shift between days is not taken for a pattern."""
    n_days = len(values) // season
    recent = values[len(values) - n_days * season :].reshape(n_days, season)
    days: NDArray[np.float64] = recent - np.median(recent, axis=1, keepdims=True)
    return days.ravel()
