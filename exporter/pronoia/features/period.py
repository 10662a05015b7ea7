"""The subject's own period, found once a day, and what happened a whole number of periods before the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.flags import any_set
from pronoia.features.load import first_of_day
from pronoia.features.slots import DAY
from pronoia.features.sums import known_max

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast
    from pronoia.features.slots import Window

_CYCLES = 6

NAMES = (
    "start_period", "start_period_strength", "load_period", "load_period_strength", "period_start_share",
    "period_start_last", "load_period_max_1", "load_period_max_2",
)  # fmt: skip


def period(history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window) -> NDArray[np.float32]:
    """Best lags of the autocorrelation of overloads and of the load, float32 (n_rows, 8); NaN where there is none.

    Lags are those found at the end of the last whole day before the slot, counted from the history's end of grid days
    in Unix time, from two weeks: they do not change with how much history came before.
    """
    past = history.past
    out = np.full((len(rows), len(NAMES)), np.nan, np.float32)
    out[:, :4] = history.day_lags(rows, (slots + 1 + first_of_day(history.grid)) // DAY)
    _fill_cycles(
        past.load, past.load_first, past.starts.bits, past.starts.before, past.starts.first,
        rows, slots, window.first, window.last, out,
    )  # fmt: skip
    return out


@compiled
def _fill_cycles(
    load: NDArray[np.float32],
    load_first: int,
    start_bits: NDArray[np.int64],
    start_before: NDArray[np.int32],
    starts_first: int,
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
                began = any_set(
                    start_bits[rows[i]], start_before[rows[i]], a - starts_first, b - starts_first, t - starts_first
                )
                n_start += began
                if n == 0:
                    out[i, 5] = began
                n += 1
            if n:
                out[i, 4] = n_start / n
        if not np.isnan(out[i, 2]):
            lag = int(out[i, 2])
            for cycle in (1, 2):
                a, b = t + first - cycle * lag, min(t + last - cycle * lag, t)
                top = known_max(load[rows[i]], max(a, 0) - load_first, b + 1 - load_first)
                if top > -np.inf:
                    out[i, 5 + cycle] = top
