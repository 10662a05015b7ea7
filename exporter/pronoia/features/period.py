"""The subject's own period, found once a day, and what happened a whole number of periods before the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.slots import DAY, WEEK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

_SPAN = 14 * DAY
_SHORTEST = 6
_LEAST_STARTS = 4
_CYCLES = 6

NAMES = (
    "start_period", "start_period_strength", "load_period", "load_period_strength", "period_start_share",
    "period_start_last", "load_period_max_1", "load_period_max_2",
)  # fmt: skip


def period(
    history: LoadHistory, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Best lags of the autocorrelation of overloads and of the load, float32 (n_rows, 8); NaN where there is none.

    Lags are those found at the end of the last whole day before the slot, counted from the history's end of grid days
    in Unix time, from two weeks: they do not change with how much history came before.
    """
    n_days_before = (slots + 1 + _first_of_day(history)) // DAY
    out = np.full((len(rows), len(NAMES)), np.nan, np.float32)
    keys, where = np.unique(np.stack([rows, n_days_before]), axis=1, return_inverse=True)
    lags = np.full((keys.shape[1], 4), np.nan)
    for i, (row, day) in enumerate(keys.T.tolist()):
        end = day * DAY - _first_of_day(history)
        if end > 0:
            lags[i] = _lags(history.load[row], history.starts[row], end)
    out[:, :4] = lags[where]
    _fill_cycles(history.load, history.starts_before, rows, slots, window.first, window.last, out)
    return out


def _first_of_day(history: LoadHistory) -> int:
    """How many slots of its day had passed when the grid began."""
    return int(history.grid.start_ms // history.grid.step_ms % DAY)


def _lags(load: NDArray[np.float32], starts: NDArray[np.bool_], end: int) -> NDArray[np.float64]:
    """Period and strength of the overloads and of the load in the two weeks before a slot, float64 (4,)."""
    found = np.full(4, np.nan)
    span = slice(max(end - _SPAN, 0), end)
    train = starts[span].astype(np.float64)
    if train.sum() >= _LEAST_STARTS:
        smooth = np.convolve(train, (0.5, 1.0, 0.5), mode="same")
        curve = _autocorrelation(smooth)
        if len(curve) > _SHORTEST + 1:
            best = _SHORTEST + int(np.argmax(curve[_SHORTEST:]))
            found[:2] = best, curve[best] - np.median(curve[_SHORTEST:])
    known = load[span]
    if len(known) > 2 * _SHORTEST and np.isfinite(known).mean() > 0.5:
        curve = _autocorrelation(np.nan_to_num(known.astype(np.float64), nan=float(np.nanmean(known))))
        inner = curve[_SHORTEST + 1 : -1]
        if len(inner) > 2:
            peaks = (inner > curve[_SHORTEST:-2]) & (inner >= curve[_SHORTEST + 2 :])
            if peaks.any():
                best = _SHORTEST + 1 + int(np.argmax(np.where(peaks, inner, -np.inf)))
                found[2:] = best, curve[best]
    return found


def _autocorrelation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Autocorrelation at lags 0 .. a week, as far as a third of the values reaches."""
    centred = values - values.mean()
    size = 1 << (2 * len(centred) - 1).bit_length()
    spectrum = np.fft.rfft(centred, size)
    curve = np.fft.irfft(spectrum * np.conj(spectrum), size)[: min(WEEK, len(centred) // 2) + 1]
    return curve / curve[0] if curve[0] > 1e-12 else np.zeros_like(curve)


@compiled
def _fill_cycles(
    load: NDArray[np.float32],
    starts_before: NDArray[np.int32],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    first: int,
    last: int,
    out: NDArray[np.float32],
) -> None:
    for i in range(len(rows)):
        t = slots[i]
        if not np.isnan(out[i, 0]):
            lag, n, n_start = int(out[i, 0]), 0, 0
            for cycle in range(1, 10 * _CYCLES):
                a, b = t + first - cycle * lag - 1, t + last - cycle * lag + 1
                if a < 0 or n == _CYCLES:
                    break
                if b > t:
                    continue
                began = starts_before[rows[i], b + 1] > starts_before[rows[i], a]
                n_start += began
                if n == 0:
                    out[i, 5] = began
                n += 1
            if n:
                out[i, 4] = n_start / n
        if not np.isnan(out[i, 2]):
            lag = int(out[i, 2])
            for cycle in (1, 2):
                top = -np.inf
                for k in range(max(t + first - cycle * lag, 0), min(t + last - cycle * lag, t) + 1):
                    if load[rows[i], k] > top:
                        top = float(load[rows[i], k])
                if top > -np.inf:
                    out[i, 5 + cycle] = top
