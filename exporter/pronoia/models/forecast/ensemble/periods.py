"""Periods: the calendar's, and those that a series' autocorrelation shows beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel

#: Columns of an array of periods: hour, day, week, and two of the series' own.
N_SLOTS = 5

_HOUR, _DAY, _WEEK = 3_600, 86_400, 604_800
# An hour is a period where it has at least this many steps.
_LONGEST_HOURLY_STEP = 300
_SHORTEST = 6
# Cycles that must have been seen.
_LEAST_CYCLES = 2.2
_N_OWN = 2
# Newest values whose autocorrelation is taken, less a moving mean of this width.
_ACF_WINDOW = 16_384
_ACF_TREND = 2_048
_LEAST_PEAK = 0.25
# A shorter period with this share of the peak's height is the fundamental, the peak its multiple.
_FUNDAMENTAL = 0.85
_MULTIPLE_TOLERANCE = 0.02


def find_periods(panel: Panel, *, own: bool = True) -> NDArray[np.int64]:
    """Periods of every series, in steps.

    Args:
        panel: the series.
        own: whether to look for periods in the autocorrelation as well.

    Returns:
        int64 (n_series, 5): hour, day, week and up to two of the series' own; zero where there is none.
    """
    periods = np.zeros((panel.n_series, N_SLOTS), np.int64)
    for slot, seconds in enumerate((_HOUR, _DAY, _WEEK)):
        period = round(seconds / panel.step_seconds)
        if period < _SHORTEST or (seconds == _HOUR and panel.step_seconds > _LONGEST_HOURLY_STEP):
            continue
        periods[panel.lengths >= _LEAST_CYCLES * period, slot] = period
    if own:
        for row, first in enumerate(panel.first):
            known = [int(period) for period in periods[row] if period]
            found = autocorrelation_periods(panel.values[row, first:], known)
            periods[row, N_SLOTS - _N_OWN : N_SLOTS - _N_OWN + len(found)] = found
    return periods


def autocorrelation_periods(values: NDArray[np.float64], known: list[int]) -> list[int]:
    """Up to two periods at which a series resembles itself, the stronger first.

    Args:
        values: float64 (n_values,), finite.
        known: periods that need not be found again, nor their multiples where the series does repeat with them.
    """
    newest = values[-_ACF_WINDOW:]
    longest = int(len(newest) / _LEAST_CYCLES)
    if longest <= _SHORTEST:
        return []
    correlation = _autocorrelation(newest, longest)
    inner = correlation[1:-1]
    peaks = 1 + np.flatnonzero((inner > _LEAST_PEAK) & (inner >= correlation[:-2]) & (inner > correlation[2:]))
    peaks = peaks[peaks >= _SHORTEST]
    found: list[int] = []
    for peak in peaks[np.argsort(-correlation[peaks], kind="stable")]:
        fundamental = _fundamental(int(peak), peaks, correlation)
        least = _FUNDAMENTAL * correlation[peak]
        explained = [period for period in known if period <= longest and correlation[period] > least]
        if fundamental not in known and not any(_is_multiple(fundamental, period) for period in (*explained, *found)):
            found.append(fundamental)
        if len(found) == _N_OWN:
            break
    return found


def _autocorrelation(values: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """Autocorrelation at lags 0 .. longest of the clipped values less their moving mean; zero for a constant."""
    n_cut = len(values) // 100
    ordered = np.partition(values, (n_cut, len(values) - 1 - n_cut))
    clipped = np.clip(values, ordered[n_cut], ordered[len(values) - 1 - n_cut])
    rest = clipped - _moving_mean(clipped, _ACF_TREND)
    size = 1 << int(np.ceil(np.log2(len(rest) + longest + 1)))
    power = np.square(np.abs(np.fft.rfft(rest, size)))
    products = np.fft.irfft(power, size)[: longest + 1]
    if products[0] <= 1e-12 * len(rest):
        return np.zeros(longest + 1)
    pairs = len(rest) - np.arange(longest + 1)
    correlation: NDArray[np.float64] = (products / pairs) / (products[0] / len(rest))
    return correlation


def _moving_mean(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    sums = np.concatenate([[0.0], np.cumsum(values)])
    middle = np.arange(len(values))
    start, end = np.maximum(middle - width // 2, 0), np.minimum(middle + width // 2, len(values))
    mean: NDArray[np.float64] = (sums[end] - sums[start]) / (end - start)
    return mean


def _fundamental(peak: int, peaks: NDArray[np.int64], correlation: NDArray[np.float64]) -> int:
    """The shortest peak of which this one is a multiple and which is nearly as high."""
    for shorter in peaks[peaks < peak]:
        if correlation[shorter] > _FUNDAMENTAL * correlation[peak] and _is_multiple(peak, int(shorter)):
            return int(shorter)
    return peak


def _is_multiple(period: int, of: int) -> bool:
    ratio = period / of
    return round(ratio) >= 1 and abs(ratio - round(ratio)) <= _MULTIPLE_TOLERANCE * round(ratio)
