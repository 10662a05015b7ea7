"""Subjects whose overloads begin together: what those that usually begin with this one did in the window's place.

Jobs are handed out to many machines at once. How closely two subjects belong together is counted once a day from the
days before (`Pairs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.flags import any_set, count_before
from pronoia.features.load import first_of_day
from pronoia.features.slots import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast
    from pronoia.features.slots import Window

_DAYS = 7
_RECENT_SLOTS = 6

NAMES = ("group_days_start", "group_starts_6", "group_weight")


def co_onset(
    history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Weighted sums over the subjects that begin with this one, float32 (n_rows, 3); 0 where there are none."""
    out = np.zeros((len(rows), len(NAMES)), np.float32)
    starts = history.past.starts
    whole_days = (slots + 1 + first_of_day(history.grid)) // DAY
    # In the order of time: pairs grow by the days that have passed since the rows before.
    order = np.argsort(whole_days, kind="stable")
    days, firsts = np.unique(whole_days[order], return_index=True)
    for day, part in zip(days.tolist(), np.split(order, firsts[1:]), strict=True):
        pairs = history.pairs(day)
        out[part] = _co_onset(
            pairs.begins, pairs.peers, pairs.weights, starts.bits, starts.before, rows[part],
            slots[part] - starts.first, window.first, window.last,
        )  # fmt: skip
    return out


@compiled
def _co_onset(
    begins: NDArray[np.int64],
    peers: NDArray[np.int64],
    weights: NDArray[np.float64],
    bits: NDArray[np.int64],
    before: NDArray[np.int32],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    first: int,
    last: int,
) -> NDArray[np.float32]:
    out = np.zeros((len(rows), 3), np.float32)
    for i in range(len(rows)):
        t = slots[i]
        days, recent, total = 0.0, 0.0, 0.0
        for k in range(begins[rows[i]], begins[rows[i] + 1]):
            peer, weight = peers[k], weights[k]
            n_days = 0
            for day in range(1, _DAYS + 1):
                n_days += any_set(bits[peer], before[peer], t + first - day * DAY, t + last - day * DAY, t)
            n = count_before(bits[peer], before[peer], t + 1)
            n -= count_before(bits[peer], before[peer], max(t + 1 - _RECENT_SLOTS, 0))
            days += weight * n_days
            recent += weight * n
            total += weight
        out[i, 0], out[i, 1], out[i, 2] = days, recent, total
    return out
