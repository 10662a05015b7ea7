"""How high the load is, has been today, and where it is heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.flags import newest_set
from pronoia.features.slots import DAY, HIGH
from pronoia.features.sums import known_max, known_squares, known_sum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast
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


def level(history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window) -> NDArray[np.float32]:
    """Lags, windows, slopes and counts of the newest day, float32 (n_rows, 42); NaN where nothing is known."""
    del window
    past = history.past
    return _level(
        past.load, past.load_first, past.missing.bits, past.missing.first,
        rows, slots, np.array(_LAGS), len(NAMES),
    )  # fmt: skip


@compiled
def _level(
    load: NDArray[np.float32],
    load_first: int,
    missing: NDArray[np.int64],
    missing_first: int,
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    lags: NDArray[np.int64],
    n_columns: int,
) -> NDArray[np.float32]:
    out = np.full((len(rows), n_columns), np.nan, np.float32)
    for i in range(len(rows)):
        u, t, row = load[rows[i]], slots[i] - load_first, out[i]
        row[0] = u[t]
        for k in range(len(lags)):
            if t >= lags[k]:
                row[1 + k] = u[t - lags[k]]
        _spans(u, t, row)
        up = slots[i] - missing_first - newest_set(missing[rows[i]], slots[i] - missing_first)
        row[40] = min(up, _LONGEST_UP)
    return out


@compiled
def _spans(u: NDArray[np.float32], t: int, row: NDArray[np.float32]) -> None:
    """Everything over the last 3, 6, 12, 48 and 288 slots: backwards once, with a stop at each."""
    total, squares, top, bottom, n = 0.0, 0.0, -np.inf, np.inf, 0
    sx, sxx, sxy = 0.0, 0.0, 0.0
    n_high, n_half, n_raised = 0, 0, 0
    # The highest four are all that a 95 % quantile of up to 48 values needs.
    first = second = third = fourth = -np.inf
    mean_3, mean_12, mean_48 = np.nan, np.nan, np.nan
    for back in range(48):
        if back <= t and not np.isnan(u[t - back]):
            x, y = -float(back), np.float64(u[t - back])
            n += 1
            total += y
            squares += y * y
            sx += x
            sxx += x * x
            sxy += x * y
            bottom = min(bottom, y)
            n_high += bool(y >= HIGH)
            n_half += bool(y >= 0.5)
            n_raised += bool(y >= 0.8)
            if y > fourth:
                if y > second:
                    third, fourth = second, third
                    if y > first:
                        first, second = y, first
                    else:
                        second = y
                elif y > third:
                    third, fourth = y, third
                else:
                    fourth = y
            top = first
        if n and (back == 2 or back == 11 or back == 47):  # noqa: PLR1714 - a tuple is not compiled to as little
            mean = total / n
            c = 8 if back == 2 else 12 if back == 11 else 16
            row[c], row[c + 1], row[c + 3] = mean, top, bottom
            row[c + 2] = np.sqrt(max(squares / n - mean * mean, 0.0))
            if back == 2:
                mean_3 = mean
            else:
                position = 0.95 * (n - 1)
                left = int(position)
                above = n - 1 - left
                low = first if above == 0 else second if above == 1 else third if above == 2 else fourth
                high = first if above <= 1 else second if above == 2 else third
                row[20 if back == 11 else 21] = low + (position - left) * (high - low)
                if back == 11:
                    mean_12 = mean
                else:
                    mean_48 = mean
        if back == 5 or back == 11 or back == 47:  # noqa: PLR1714
            spread = n * sxx - sx * sx
            if n >= 2 and spread > 0.0:
                slope = (n * sxy - sx * total) / spread
                c = 25 if back == 5 else 27 if back == 11 else 29
                row[c], row[c + 1] = slope, (total - slope * sx) / n + _SLOPE_AHEAD * slope
        if back == 11:
            row[34], row[37], row[39] = n_high, n_half, n_raised
    row[35], row[38] = n_high, n_half
    begin, end = t - DAY + 1, max(t - 47, 0)
    earlier, n_earlier = known_sum(u, begin, end)
    n += n_earlier
    if n:
        mean_day = (total + earlier) / n
        row[22] = mean_day
        row[23] = np.sqrt(max((squares + known_squares(u, begin, end)) / n - mean_day * mean_day, 0.0))
        top = max(top, known_max(u, begin, end))
        row[24] = top
        row[33] = mean_48 / (mean_day + _LEAST_MEAN)
    row[31], row[32] = mean_3 / (mean_12 + _LEAST_MEAN), mean_12 / (mean_48 + _LEAST_MEAN)
    if top >= HIGH:
        for k in range(max(begin, 0), end):
            n_high += u[k] >= HIGH
    row[36], row[41] = n_high, n
