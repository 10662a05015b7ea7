"""What happened in the window's place on earlier days, weeks, and cycles of other periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.flags import any_set, count_before
from pronoia.features.slots import DAY, WEEK
from pronoia.features.sums import known_max

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast
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
    history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Maxima, and shares of earlier days and cycles in whose window an overload began or went on.

    The window of cycles shorter than itself, or than what lies between now and its end, would reach beyond now: only
    cycles that are over are counted.
    """
    past = history.past
    return _recurrence(
        past.load, past.load_first,
        past.high.bits, past.high.before, past.starts.bits, past.starts.before, past.high.first,
        rows, slots, window.first, window.last, np.array(_PERIODS), np.array(_CYCLES), len(NAMES),
    )  # fmt: skip


@compiled
def _recurrence(
    load: NDArray[np.float32],
    load_first: int,
    high_bits: NDArray[np.int64],
    high_before: NDArray[np.int32],
    start_bits: NDArray[np.int64],
    start_before: NDArray[np.int32],
    flags_first: int,
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
        row, t = rows[i], slots[i]
        u, now = load[row], t - load_first
        _maxima(u, now, first, last, periods, out[i])
        if t >= DAY:
            out[i, 18] = _max(u, now - DAY + 1, now - DAY + 12)
            out[i, 19] = u[now] - u[now - DAY]
            out[i, 20] = _alike(u, now, _ALIKE_SLOTS)
        high, starts, n_high, n_start = high_bits[row], start_bits[row], high_before[row], start_before[row]
        # Most subjects are never overloaded, and need no search for when.
        was_high = count_before(high, n_high, t + 1 - flags_first) > 0
        did_start = was_high and count_before(starts, n_start, t + 1 - flags_first) > 0
        _on_days(high, n_high, starts, n_start, flags_first, t, first, last, was_high, did_start, out[i])
        _in_cycles(
            high, n_high, starts, n_start, flags_first, t, first, last, was_high, did_start, periods, cycles, out[i]
        )
    return out


@compiled
def _maxima(
    u: NDArray[np.float32], t: int, first: int, last: int, periods: NDArray[np.int64], out: NDArray[np.float32]
) -> None:
    """The load's maxima in the window's place; t is the index of now."""
    total, top, n_days = 0.0, -np.inf, 0
    for day in range(1, _DAYS + 1):
        a, b = t + first - day * DAY, min(t + last - day * DAY, t)
        if a < 0:
            break
        most = _max(u, a, b)
        out[day - 1] = most
        if not np.isnan(most):
            total += most
            top = max(top, most)
            n_days += 1
    if n_days:
        out[10], out[11] = total / n_days, top
    for p in range(_N_SHORT_PERIODS):
        a, b = t + first - periods[p], t + last - periods[p]
        if a >= 0 and b <= t:
            out[39 + p] = _max(u, a, b)


@compiled
def _on_days(
    high: NDArray[np.int64],
    n_high_before: NDArray[np.int32],
    starts: NDArray[np.int64],
    n_starts_before: NDArray[np.int32],
    flags_first: int,
    t: int,
    first: int,
    last: int,
    was_high: bool,
    did_start: bool,
    out: NDArray[np.float32],
) -> None:
    """Earlier days and weeks on which it was high, or an overload began, in the window's place."""
    n_start, n_wide, n_high, began, wide = 0, 0, 0, False, False
    weight, decayed, decayed_wide, weights, n_all, n_all_days, since = 1.0, 0.0, 0.0, 0.5, 0, 0, _NEVER_DAYS
    now = t - flags_first
    for day in range(1, _MOST_DAYS + 1):
        a, b = now + first - day * DAY, now + last - day * DAY
        if a + flags_first < 0:
            break
        weight *= _DECAY
        weights += weight
        n_all_days += 1
        if did_start:
            began = any_set(starts, n_starts_before, a, b, now)
            wide = began or any_set(starts, n_starts_before, a - 2, b + 2, now)
            decayed += weight * began
            decayed_wide += weight * wide
            n_all += began
            if began and since == _NEVER_DAYS:
                since = day
        if day <= _DAYS:
            n_start += began
            n_wide += wide
            n_high += was_high and any_set(high, n_high_before, a, b, now)
    out[7], out[8], out[9] = n_start, n_wide, n_high
    out[12], out[13] = decayed / weights, decayed_wide / weights
    out[14], out[15] = n_all / (n_all_days + 1.0), since
    n_start, n_high, n_weeks = 0, 0, 0
    for week in range(1, _WEEKS + 1):
        a, b = now + first - week * WEEK, now + last - week * WEEK
        if a + flags_first < 0:
            break
        n_start += did_start and any_set(starts, n_starts_before, a - 1, b + 1, now)
        n_high += was_high and any_set(high, n_high_before, a, b, now)
        n_weeks += 1
    if n_weeks:
        out[16], out[17] = n_start / n_weeks, n_high / n_weeks


@compiled
def _in_cycles(
    high: NDArray[np.int64],
    n_high_before: NDArray[np.int32],
    starts: NDArray[np.int64],
    n_starts_before: NDArray[np.int32],
    flags_first: int,
    t: int,
    first: int,
    last: int,
    was_high: bool,
    did_start: bool,
    periods: NDArray[np.int64],
    cycles: NDArray[np.int64],
    out: NDArray[np.float32],
) -> None:
    """Shares of earlier cycles in whose window it was high, or an overload began; only cycles that are over count."""
    now = t - flags_first
    for p in range(len(periods)):
        period = periods[p]
        nearest, furthest = (last + period - 1) // period, min(cycles[p], (t + first) // period)
        if furthest < nearest:
            continue
        n_start, n_high = 0, 0
        if was_high:
            for cycle in range(nearest, furthest + 1):
                a, b = now + first - cycle * period, now + last - cycle * period
                is_high = any_set(high, n_high_before, a, b, now)
                n_high += is_high
                # An overload that begins is high.
                n_start += is_high and did_start and any_set(starts, n_starts_before, a, b, now)
        n_cycles = furthest - nearest + 1
        out[21 + 2 * p], out[22 + 2 * p] = n_start / (n_cycles + 1.0), n_high / (n_cycles + 1.0)


@compiled
def _max(u: NDArray[np.float32], first: int, last: int) -> float:
    top = known_max(u, first, last + 1)
    return top if top > -np.inf else np.nan


@compiled
def _alike(u: NDArray[np.float32], t: int, span: int) -> float:
    """Correlation of the last slots with the same slots a day before."""
    n, sx, sy, sxx, syy, sxy = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(max(t - span + 1, DAY), t + 1):
        x, y = np.float64(u[k]), np.float64(u[k - DAY])
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
