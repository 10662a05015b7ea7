"""What the subject's own past says at large: its usual level, and how often it is overloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.flags import count_before
from pronoia.features.slots import DAY, WEEK
from pronoia.features.sorted_week import move_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast
    from pronoia.features.slots import Window

NAMES = (
    "week_p50", "week_p95", "week_p99", "high_share", "high_share_week", "n_starts_day", "n_starts_week",
    "starts_per_day", "days_seen", "load_per_p95", "load_above_p50",
)  # fmt: skip


def past_days(
    history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Quantiles of the last week and rates of the whole past, float32 (n_rows, 11)."""
    del window
    past, week = history.past, history.past.week
    return _past_days(
        past.load, past.load_first, past.high.bits, past.high.before, past.starts.bits, past.starts.before,
        past.high.first, week.values, week.n_known, week.newest, rows, slots, len(NAMES),
    )  # fmt: skip


@compiled
def _past_days(
    load: NDArray[np.float32],
    load_first: int,
    high_bits: NDArray[np.int64],
    high_before: NDArray[np.int32],
    start_bits: NDArray[np.int64],
    start_before: NDArray[np.int32],
    flags_first: int,
    week_values: NDArray[np.float32],
    week_known: NDArray[np.int64],
    week_newest: NDArray[np.int64],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    n_columns: int,
) -> NDArray[np.float32]:
    out = np.full((len(rows), n_columns), np.nan, np.float32)
    is_shared = len(week_values) < len(load)
    week_newest_of = -1
    for i in range(len(rows)):
        row, t = rows[i], slots[i]
        mine = 0 if is_shared else row
        if is_shared and row != week_newest_of:
            week_newest[0] = -1
            week_newest_of = row
        now = load[row, t - load_first]
        part, n = move_on(week_values[mine], week_known[mine], week_newest[mine], load[row], load_first, t)
        if n:
            p50, p95, p99 = part[(n - 1) // 2], part[int(0.95 * (n - 1))], part[int(0.99 * (n - 1))]
            out[i, 0], out[i, 1], out[i, 2] = p50, p95, p99
            out[i, 9] = now / (p95 + 0.02)
            out[i, 10] = (now - p50) / (p95 - p50 + 0.02)
        end = t + 1
        day, week = max(end - DAY, 0), max(end - WEEK, 0)
        high, starts = high_bits[row], start_bits[row]
        n_high = count_before(high, high_before[row], end - flags_first)
        n_starts = count_before(starts, start_before[row], end - flags_first)
        out[i, 3] = n_high / end
        out[i, 4] = (n_high - count_before(high, high_before[row], week - flags_first)) / (end - week)
        out[i, 5] = n_starts - count_before(starts, start_before[row], day - flags_first)
        out[i, 6] = n_starts - count_before(starts, start_before[row], week - flags_first)
        out[i, 7] = n_starts * DAY / max(end, DAY)
        out[i, 8] = end / DAY
    return out
