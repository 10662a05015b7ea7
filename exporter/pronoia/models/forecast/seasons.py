"""Season lengths, found from the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAY_MS = 86_400_000
_CALENDAR_MS = (_DAY_MS, 7 * _DAY_MS, 3_600_000)
# A season must be seen more than twice, and have a shape.
_MIN_PERIODS = 2.2
# A length that no calendar knows must be seen more often: a random walk swings two or three times by chance.
_MIN_PEAK_PERIODS = 4.0
_MIN_SEASON_STEPS = 6
# Autocorrelation that makes a season: the forecast study used 0.25 for peaks; a calendar season needs less evidence.
_MIN_PEAK = 0.25
_MIN_CALENDAR = 0.1
_MAX_VALUES = 16_384


def find_seasons(values: NDArray[np.float64], step_ms: int) -> tuple[int, ...]:
    """Season lengths in steps, the most trusted first.

    The day comes first wherever the history holds 2.2 of it, evidence or not: it is the season of the guard, and
    members shrink a profile that does not repeat. A week, an hour and at most one other length need an autocorrelation
    to show for it, after values are clipped to their 1-99 % range (one spike must not hide a season, nor make one) and
    a moving mean of two days is removed.

    Args:
        values: float64 (n_values,), finite.
        step_ms: their distance.

    Returns:
        distinct lengths of at least 6 steps; empty if the history is too short.
    """
    values = values[-_MAX_VALUES:]
    longest = len(values) / _MIN_PERIODS
    calendar = [round(c / step_ms) for c in _CALENDAR_MS if c % step_ms == 0]
    calendar = [season for season in calendar if _MIN_SEASON_STEPS <= season <= longest]
    correlation = _autocorrelation(values, window=max(2 * _DAY_MS // step_ms, 64))
    day = _DAY_MS // step_ms
    found = [
        # A slow decay correlates at any lag: a season's correlation is higher after a whole cycle than after half.
        season
        for season in calendar
        if season == day or correlation[season] > max(correlation[season // 2], 0.0) + _MIN_CALENDAR
    ]
    peak = _strongest_peak(correlation, int(len(values) / _MIN_PEAK_PERIODS))
    if peak and not any(_is_multiple(peak, season) or _is_multiple(season, peak) for season in found):
        found.append(peak)
    return tuple(found)


def _autocorrelation(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Unbiased autocorrelation at every lag, by FFT, float64 (n_values,)."""
    n_values = len(values)
    if n_values < 2 * _MIN_SEASON_STEPS:
        return np.zeros(n_values)
    clipped = np.clip(values, *np.quantile(values, [0.01, 0.99]))
    if n_values > window:
        summed = np.cumsum(np.concatenate([[0.0], clipped]))
        index = np.arange(n_values)
        start, end = np.maximum(index - window // 2, 0), np.minimum(index + window // 2 + 1, n_values)
        clipped = clipped - (summed[end] - summed[start]) / (end - start)
    centred = clipped - clipped.mean()
    n_fft = 1 << (2 * n_values - 1).bit_length()
    spectrum = np.fft.rfft(centred, n_fft)
    covariance = np.fft.irfft(spectrum * spectrum.conj(), n_fft)[:n_values] / np.arange(n_values, 0, -1)
    if covariance[0] <= 1e-12 * max(float(np.square(values).mean()), 1e-300):
        return np.zeros(n_values)
    correlation: NDArray[np.float64] = covariance / covariance[0]
    return correlation


def _strongest_peak(correlation: NDArray[np.float64], longest: int) -> int:
    """Lag of the highest local maximum, reduced to its fundamental; 0 if none is high enough."""
    lags = np.arange(_MIN_SEASON_STEPS, min(longest, len(correlation) - 2) + 1)
    if not len(lags):
        return 0
    here = correlation[lags]
    peaks = lags[(here >= correlation[lags - 1]) & (here > correlation[lags + 1]) & (here > _MIN_PEAK)]
    # A slow decay has its "maximum" at the first lag: a season's correlation falls before it rises again.
    peaks = peaks[np.minimum.accumulate(correlation)[peaks] < correlation[peaks] - 0.1]
    if not len(peaks):
        return 0
    best = float(correlation[peaks].max())
    return int(peaks[correlation[peaks] > 0.85 * best][0])


def _is_multiple(longer: int, shorter: int) -> bool:
    """Whether one length is a whole multiple of another, within two percent."""
    ratio = longer / shorter
    return round(ratio) >= 1 and abs(ratio - round(ratio)) < 0.02 * round(ratio)
