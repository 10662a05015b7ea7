"""The lag at which a load and its overloads repeat, found at the end of each day from the two weeks before."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.slots import DAY, WEEK

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How far back it is looked for.
SPAN = 14 * DAY
_SHORTEST = 6
_LEAST_STARTS = 4
# So many at a time: as many as the processor's vectors hold, few enough to stay in its cache.
_PIECE = 8


def find_lags(load: NDArray[np.float32], starts: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Best lag of the autocorrelation and how far it stands out, of the overloads and of the load.

    Args:
        load: float32 (n, n_slots), two weeks or what there is of them.
        starts: bool (n, n_slots), whether an overload begins.

    Returns:
        float64 (n, 4): lag in slots and height over the median, of the overloads (at least four); lag and height of
        the highest local peak, of the load (half of it known). NaN where there is none.
    """
    found = np.full((len(load), 4), np.nan)
    often = np.flatnonzero(starts.sum(axis=1) >= _LEAST_STARTS)
    known = np.flatnonzero(np.isfinite(load).mean(axis=1) > 0.5) if load.shape[1] > 2 * _SHORTEST else often[:0]
    for piece in _pieces(often):
        train = starts[piece].astype(np.float64)
        smooth = train.copy()
        smooth[:, 1:] += 0.5 * train[:, :-1]
        smooth[:, :-1] += 0.5 * train[:, 1:]
        curves = _autocorrelations(smooth)[:, _SHORTEST:]
        if curves.shape[1] > 1:
            best = np.argmax(curves, axis=1)
            found[piece, 0] = _SHORTEST + best
            found[piece, 1] = curves[np.arange(len(piece)), best] - np.median(curves, axis=1)
    for piece in _pieces(known):
        values = load[piece]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # infinities
            means = np.nanmean(values, axis=1)[:, None]
            curves = _autocorrelations(np.where(np.isnan(values), means, values).astype(np.float64))
        inner = curves[:, _SHORTEST + 1 : -1]
        if inner.shape[1] > 2:
            peaks = (inner > curves[:, _SHORTEST:-2]) & (inner >= curves[:, _SHORTEST + 2 :])
            best = np.argmax(np.where(peaks, inner, -np.inf), axis=1)
            has_peak = peaks.any(axis=1)
            found[piece[has_peak], 2] = _SHORTEST + 1 + best[has_peak]
            found[piece[has_peak], 3] = inner[has_peak, best[has_peak]]
    return found


def _pieces(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [rows[first : first + _PIECE] for first in range(0, len(rows), _PIECE)]


def _autocorrelations(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Autocorrelation at lags 0 .. a week, as far as half of the values reaches, float64 (n, n_lags)."""
    from scipy.fft import irfft, next_fast_len, rfft

    n = values.shape[1]
    # Always as many rows: the processor's vectors would else round rows differently, by how many there are.
    centred = np.zeros((_PIECE, n))
    centred[: len(values)] = values - values.mean(axis=1, keepdims=True)
    longest = min(WEEK, n // 2)
    size = next_fast_len(n + longest, real=True)
    spectra = rfft(centred, size, axis=1)
    power = spectra.real**2 + spectra.imag**2
    curves = irfft(power, size, axis=1)[: len(values), : longest + 1]
    heights = curves[:, :1]
    return np.where(heights > 1e-12, curves / np.where(heights > 1e-12, heights, 1.0), 0.0)
