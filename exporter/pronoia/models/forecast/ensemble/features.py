"""Features: levels and seasonal profiles before an origin, for all series, origins and horizons at once.

Everything is a mean over a window of the past, so that prefix sums give each in two look-ups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel

#: Windows of the levels, in steps; one more level is the mean of everything before the origin.
WINDOWS = (1, 3, 8, 24, 72, 216, 648, 2_000)
#: Position of the level that stands for "recently".
RECENT = WINDOWS.index(216)
ALL = len(WINDOWS)

# Profiles per period: half-width of the window as a share of the period, its least, and how many cycles are averaged.
_PROFILES = ((288, 0, 1), (72, 1, 5))
N_PROFILES = len(_PROFILES)
_DIVISORS = np.array([profile[0] for profile in _PROFILES])
_LEAST_WIDTHS = np.array([profile[1] for profile in _PROFILES])
_CYCLES = np.array([profile[2] for profile in _PROFILES])


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What is known at some origins about some horizons.

    Args:
        levels: float64 (n_series, n_rows, 9), means of the last 1 .. 2000 values and of all, from the origin back.
        profiles: float64 (n_series, n_rows, n_slots, 2), for each period a narrow profile of the last cycle and a
            smooth one of up to five, at the target's phase; NaN where there is no such period, or no cycle of it.
        phases: float64 (n_series, n_rows, n_slots, 2), the same profiles at the origin's own phase.
    """

    levels: NDArray[np.float64]
    profiles: NDArray[np.float64]
    phases: NDArray[np.float64]


def make_features(
    panel: Panel, periods: NDArray[np.int64], origins: NDArray[np.int64], ahead: NDArray[np.int64]
) -> Features:
    """Features of n_rows pairs of origin and horizon for each series.

    Args:
        panel: the series.
        periods: int64 (n_series, n_slots), zero for none.
        origins: int64 (n_series, n_rows), index of the first value not known; after the series' first.
        ahead: int64 (n_rows,), steps from the last known value to the target.
    """
    shape = (*origins.shape, periods.shape[1], N_PROFILES)
    levels = np.empty((*origins.shape, len(WINDOWS) + 1))
    profiles, phases = np.full(shape, np.nan), np.full(shape, np.nan)
    _levels(panel.sums, panel.first, origins, np.array(WINDOWS), levels)
    _profiles(panel.sums, panel.first, origins, ahead, periods, _DIVISORS, _LEAST_WIDTHS, _CYCLES, profiles, phases)
    return Features(levels, profiles, phases)


@compiled
def _levels(
    sums: NDArray[np.float64],
    first: NDArray[np.int64],
    origins: NDArray[np.int64],
    windows: NDArray[np.int64],
    levels: NDArray[np.float64],
) -> None:
    for series in range(origins.shape[0]):
        start = first[series]
        for row in range(origins.shape[1]):
            origin = origins[series, row]
            until = sums[series, origin]
            for i in range(len(windows)):
                begin = max(origin - windows[i], start)
                levels[series, row, i] = (until - sums[series, begin]) / max(origin - begin, 1)
            levels[series, row, len(windows)] = (until - sums[series, start]) / max(origin - start, 1)


@compiled
def _profiles(
    sums: NDArray[np.float64],
    first: NDArray[np.int64],
    origins: NDArray[np.int64],
    ahead: NDArray[np.int64],
    periods: NDArray[np.int64],
    divisors: NDArray[np.int64],
    least_widths: NDArray[np.int64],
    cycles: NDArray[np.int64],
    profiles: NDArray[np.float64],
    phases: NDArray[np.float64],
) -> None:
    for series in range(origins.shape[0]):
        for slot in range(periods.shape[1]):
            period = periods[series, slot]
            if period == 0:
                continue
            for kind in range(len(divisors)):
                half = max(least_widths[kind], period // divisors[kind])
                for row in range(origins.shape[1]):
                    origin = origins[series, row]
                    target = origin - 1 + ahead[row]
                    newest = target - (ahead[row] + period - 1) // period * period
                    profiles[series, row, slot, kind] = _profile_mean(
                        sums[series], first[series], origin, newest, period, half, cycles[kind]
                    )
                    phases[series, row, slot, kind] = _profile_mean(
                        sums[series], first[series], origin, origin - 1 - period, period, half, cycles[kind]
                    )


@compiled
def _profile_mean(
    sums: NDArray[np.float64], first: int, origin: int, newest: int, period: int, half: int, cycles: int
) -> float:
    """Mean over cycles of the mean of a window around the same phase, nothing at or after the origin; NaN for none."""
    total, count = 0.0, 0
    for cycle in range(cycles):
        centre = newest - cycle * period
        if centre < first:
            break
        begin, end = max(centre - half, first), min(centre + half + 1, origin)
        total += (sums[end] - sums[begin]) / (end - begin)
        count += 1
    return total / count if count else np.nan
