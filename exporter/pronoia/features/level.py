"""How high the load is, has been today, and where it is heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.slots import DAY, HIGH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

_LAGS = (1, 2, 3, 6, 12, 24, 48)
_SPANS = (3, 12, 48)
_SLOPES = (6, 12, 48)
# How far slopes are extrapolated: half an hour.
_SLOPE_AHEAD = 6
_LONGEST_UP = 4_000
_LEAST_MEAN = 0.01

NAMES: tuple[str, ...] = (
    "load",
    *(f"load_lag_{lag}" for lag in _LAGS),
    *(f"load_{what}_{span}" for span in _SPANS for what in ("mean", "max", "std", "min")),
    "load_p95_12", "load_p95_48",
    "load_mean_288", "load_std_288", "load_max_288",
    *(f"load_{what}_{span}" for span in _SLOPES for what in ("slope", "extrapolated")),
    "growth_3_12", "growth_12_48", "growth_48_288",
    "n_high_12", "n_high_48", "n_high_288", "n_half_12", "n_half_48", "n_raised_12",
    "slots_up", "n_up_288",
)  # fmt: skip


def level(
    history: LoadHistory, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Lags, windows, slopes and counts of the newest day, float32 (n_rows, 42); NaN where nothing is known."""
    del window
    return _level(history.load, rows, slots, np.array(_LAGS), np.array(_SPANS), np.array(_SLOPES), len(NAMES))


@compiled
def _level(
    load: NDArray[np.float32],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    lags: NDArray[np.int64],
    spans: NDArray[np.int64],
    slopes: NDArray[np.int64],
    n_columns: int,
) -> NDArray[np.float32]:
    out = np.full((len(rows), n_columns), np.nan, np.float32)
    ordered = np.empty(48)
    for i in range(len(rows)):
        u, t = load[rows[i]], slots[i]
        column = 0
        out[i, column] = u[t]
        column += 1
        for lag in lags:
            if t >= lag:
                out[i, column] = u[t - lag]
            column += 1
        means = np.full(4, np.nan)
        for s in range(len(spans)):
            mean, top, std, bottom, n = _moments(u, t, spans[s])
            means[s] = mean
            if n:
                out[i, column] = mean
                out[i, column + 1] = top
                out[i, column + 2] = std
                out[i, column + 3] = bottom
            column += 4
        for span in (12, 48):
            out[i, column] = _p95(u, t, span, ordered)
            column += 1
        mean, top, std, _, n = _moments(u, t, DAY)
        means[3] = mean
        if n:
            out[i, column] = mean
            out[i, column + 1] = std
            out[i, column + 2] = top
        column += 3
        for span in slopes:
            slope, end = _line(u, t, span)
            out[i, column] = slope
            out[i, column + 1] = end + _SLOPE_AHEAD * slope
            column += 2
        for s in range(3):
            out[i, column] = means[s] / (means[s + 1] + _LEAST_MEAN)
            column += 1
        for span in (12, 48, DAY):
            out[i, column] = _count(u, t, span, HIGH)
            column += 1
        for span in (12, 48):
            out[i, column] = _count(u, t, span, 0.5)
            column += 1
        out[i, column] = _count(u, t, 12, 0.8)
        up = 0
        while up < _LONGEST_UP and t - up >= 0 and not np.isnan(u[t - up]):
            up += 1
        out[i, column + 1] = up
        out[i, column + 2] = n
    return out


@compiled
def _moments(u: NDArray[np.float32], t: int, span: int) -> tuple[float, float, float, float, int]:
    total, squares, top, bottom, n = 0.0, 0.0, -np.inf, np.inf, 0
    for k in range(max(t - span + 1, 0), t + 1):
        value = float(u[k])
        if not np.isnan(value):
            total += value
            squares += value * value
            top = max(top, value)
            bottom = min(bottom, value)
            n += 1
    if not n:
        return np.nan, np.nan, np.nan, np.nan, 0
    mean = total / n
    return mean, top, np.sqrt(max(squares / n - mean * mean, 0.0)), bottom, n


@compiled
def _p95(u: NDArray[np.float32], t: int, span: int, ordered: NDArray[np.float64]) -> float:
    n = 0
    for k in range(max(t - span + 1, 0), t + 1):
        if not np.isnan(u[k]):
            ordered[n] = u[k]
            n += 1
    if not n:
        return np.nan
    part = np.sort(ordered[:n])
    position = 0.95 * (n - 1)
    left = int(position)
    right = min(left + 1, n - 1)
    return float(part[left] + (position - left) * (part[right] - part[left]))


@compiled
def _line(u: NDArray[np.float32], t: int, span: int) -> tuple[float, float]:
    """Least-squares slope per slot over the known values, and the line's value now."""
    n, sx, sy, sxx, sxy = 0, 0.0, 0.0, 0.0, 0.0
    for k in range(max(t - span + 1, 0), t + 1):
        if not np.isnan(u[k]):
            x, y = float(k - t), float(u[k])
            n += 1
            sx += x
            sy += y
            sxx += x * x
            sxy += x * y
    spread = n * sxx - sx * sx
    if n < 2 or spread <= 0.0:
        return np.nan, np.nan
    slope = (n * sxy - sx * sy) / spread
    return slope, (sy - slope * sx) / n


@compiled
def _count(u: NDArray[np.float32], t: int, span: int, least: float) -> int:
    n = 0
    for k in range(max(t - span + 1, 0), t + 1):
        n += u[k] >= least
    return n
