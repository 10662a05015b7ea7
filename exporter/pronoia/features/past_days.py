"""What the subject's own past says at large: its usual level, and how often it is overloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.slots import DAY, WEEK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

# Quantiles of a week are taken from every fourth slot: they hardly differ, and cost a quarter.
_STRIDE = 4

NAMES = (
    "week_p50", "week_p95", "week_p99", "high_share", "high_share_week", "n_starts_day", "n_starts_week",
    "starts_per_day", "days_seen", "load_per_p95", "load_above_p50",
)  # fmt: skip


def past_days(
    history: LoadHistory, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Quantiles of the last week and rates of the whole past, float32 (n_rows, 11)."""
    del window
    return _past_days(history.load, history.high_before, history.starts_before, rows, slots, len(NAMES))


@compiled
def _past_days(
    load: NDArray[np.float32],
    high_before: NDArray[np.int32],
    starts_before: NDArray[np.int32],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    n_columns: int,
) -> NDArray[np.float32]:
    out = np.full((len(rows), n_columns), np.nan, np.float32)
    ordered = np.empty(WEEK // _STRIDE + 1)
    for i in range(len(rows)):
        u, t = load[rows[i]], slots[i]
        high, starts = high_before[rows[i]], starts_before[rows[i]]
        n = 0
        for k in range(t, max(t - WEEK, -1), -_STRIDE):
            if not np.isnan(u[k]):
                ordered[n] = u[k]
                n += 1
        if n:
            part = np.sort(ordered[:n])
            p50, p95, p99 = part[(n - 1) // 2], part[int(0.95 * (n - 1))], part[int(0.99 * (n - 1))]
            out[i, 0], out[i, 1], out[i, 2] = p50, p95, p99
            out[i, 9] = u[t] / (p95 + 0.02)
            out[i, 10] = (u[t] - p50) / (p95 - p50 + 0.02)
        end = t + 1
        day, week = max(end - DAY, 0), max(end - WEEK, 0)
        out[i, 3] = high[end] / end
        out[i, 4] = (high[end] - high[week]) / (end - week)
        out[i, 5] = starts[end] - starts[day]
        out[i, 6] = starts[end] - starts[week]
        out[i, 7] = starts[end] * DAY / max(end, DAY)
        out[i, 8] = end / DAY
    return out
