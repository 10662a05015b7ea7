"""What happened in the window's place on earlier days, weeks, and cycles of other periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.slots import DAY, WEEK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

_DAYS = 7
_MOST_DAYS = 42
_WEEKS = 4
# Per day: half of the weight after three days.
_DECAY = 0.794
_NEVER_DAYS = 60
# Periods in slots, and how many cycles back they are looked at.
_PERIODS = (12, 24, 36, 48, 72, 96, 144, 288, 2_016)
_CYCLES = (24, 24, 16, 14, 14, 14, 14, 14, 4)
_N_SHORT_PERIODS = 7
_ALIKE_SLOTS = 24

NAMES: tuple[str, ...] = (
    *(f"day_{day}_max" for day in range(1, _DAYS + 1)),
    "n_days_start", "n_days_start_wide", "n_days_high", "days_max_mean", "days_max_max",
    "start_rate_decayed", "start_rate_decayed_wide", "start_share", "days_since_start",
    "weeks_start_share", "weeks_high_share", "day_1_hour_max", "change_to_yesterday", "alike_yesterday",
    *(f"cycle_{period}_{what}" for period in _PERIODS for what in ("start", "high")),
    *(f"cycle_{period}_max" for period in _PERIODS[:_N_SHORT_PERIODS]),
)  # fmt: skip


def recurrence(
    history: LoadHistory, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Maxima, and shares of earlier days and cycles in whose window an overload began or went on.

    The window of cycles shorter than itself, or than what lies between now and its end, would reach beyond now: only
    cycles that are over are counted.
    """
    return _recurrence(
        history.load,
        history.high_before,
        history.starts_before,
        rows,
        slots,
        window.first,
        window.last,
        np.array(_PERIODS),
        np.array(_CYCLES),
        len(NAMES),
    )


@compiled
def _recurrence(
    load: NDArray[np.float32],
    high_before: NDArray[np.int32],
    starts_before: NDArray[np.int32],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    first: int,
    last: int,
    periods: NDArray[np.int64],
    cycles: NDArray[np.int64],
    n_columns: int,
) -> NDArray[np.float32]:
    out = np.full((len(rows), n_columns), np.nan, np.float32)
    for i in range(len(rows)):
        u, t = load[rows[i]], slots[i]
        high, starts = high_before[rows[i]], starts_before[rows[i]]
        n_start, n_wide, n_high, n_days = 0, 0, 0, 0
        total, top = 0.0, -np.inf
        weight, decayed, decayed_wide, weights, n_all, n_all_days, since = 1.0, 0.0, 0.0, 0.5, 0, 0, _NEVER_DAYS
        for day in range(1, _MOST_DAYS + 1):
            a, b = t + first - day * DAY, t + last - day * DAY
            if a < 0:
                break
            began = _any(starts, a, b, t)
            wide = _any(starts, a - 2, b + 2, t)
            weight *= _DECAY
            weights += weight
            decayed += weight * began
            decayed_wide += weight * wide
            n_all += began
            n_all_days += 1
            if began and since == _NEVER_DAYS:
                since = day
            if day <= _DAYS:
                most = _max(u, a, b, t)
                out[i, day - 1] = most
                if not np.isnan(most):
                    total += most
                    top = max(top, most)
                    n_days += 1
                n_start += began
                n_wide += wide
                n_high += _any(high, a, b, t)
        c = _DAYS
        out[i, c], out[i, c + 1], out[i, c + 2] = n_start, n_wide, n_high
        if n_days:
            out[i, c + 3], out[i, c + 4] = total / n_days, top
        out[i, c + 5], out[i, c + 6] = decayed / weights, decayed_wide / weights
        out[i, c + 7], out[i, c + 8] = n_all / (n_all_days + 1.0), since
        n_start, n_high, n_weeks = 0, 0, 0
        for week in range(1, _WEEKS + 1):
            a, b = t + first - week * WEEK, t + last - week * WEEK
            if a < 0:
                break
            n_start += _any(starts, a - 1, b + 1, t)
            n_high += _any(high, a, b, t)
            n_weeks += 1
        if n_weeks:
            out[i, c + 9], out[i, c + 10] = n_start / n_weeks, n_high / n_weeks
        if t >= DAY:
            out[i, c + 11] = _max(u, t - DAY + 1, t - DAY + 12, t)
            out[i, c + 12] = u[t] - u[t - DAY]
            out[i, c + 13] = _alike(u, t, _ALIKE_SLOTS)
        c += 14
        for p in range(len(periods)):
            n_start, n_high, n_cycles = 0, 0, 0
            for cycle in range(1, cycles[p] + 1):
                a, b = t + first - cycle * periods[p], t + last - cycle * periods[p]
                if a < 0:
                    break
                if b > t:
                    continue
                n_start += _any(starts, a, b, t)
                n_high += _any(high, a, b, t)
                n_cycles += 1
            if n_cycles:
                out[i, c], out[i, c + 1] = n_start / (n_cycles + 1.0), n_high / (n_cycles + 1.0)
            c += 2
        for p in range(_N_SHORT_PERIODS):
            a, b = t + first - periods[p], t + last - periods[p]
            if a >= 0 and b <= t:
                out[i, c] = _max(u, a, b, t)
            c += 1
    return out


@compiled
def _any(before: NDArray[np.int32], first: int, last: int, now: int) -> bool:
    """Whether anything was counted at slots first .. last, of which none after now is looked at."""
    first, last = max(first, 0), min(last, now)
    return last >= first and before[last + 1] > before[first]


@compiled
def _max(u: NDArray[np.float32], first: int, last: int, now: int) -> float:
    top = -np.inf
    for k in range(max(first, 0), min(last, now) + 1):
        if u[k] > top:
            top = float(u[k])
    return top if top > -np.inf else np.nan


@compiled
def _alike(u: NDArray[np.float32], t: int, span: int) -> float:
    """Correlation of the last slots with the same slots a day before."""
    n, sx, sy, sxx, syy, sxy = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(max(t - span + 1, DAY), t + 1):
        x, y = float(u[k]), float(u[k - DAY])
        if not np.isnan(x) and not np.isnan(y):
            n += 1
            sx += x
            sy += y
            sxx += x * x
            syy += y * y
            sxy += x * y
    if n < 3:
        return np.nan
    a, b = sxx - sx * sx / n, syy - sy * sy / n
    if a <= 1e-12 or b <= 1e-12:
        return 0.0
    return float((sxy - sx * sy / n) / np.sqrt(a * b))
