"""The other metrics of the same system: where they are, and how they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.load import OTHERS
from pronoia.features.slots import DAY
from pronoia.features.sums import known_max, known_sum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast
    from pronoia.features.slots import Window

_COLUMNS = ("now", "mean_3", "mean_3_over_48", "over_288", "max_12_over_288", "change_3", "yesterday_over_288")

NAMES: tuple[str, ...] = tuple(f"{name}_{what}" for name in OTHERS for what in _COLUMNS)


def companions(
    history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Level and movement of each other metric against its own day, float32 (n_rows, 35); NaN where not known."""
    past = history.past
    return _companions(past.others, rows, slots - past.others_first, window.first, window.last)


@compiled
def _companions(
    others: NDArray[np.float32], rows: NDArray[np.int64], slots: NDArray[np.int64], first: int, last: int
) -> NDArray[np.float32]:
    n_others = len(others)
    out = np.full((len(rows), n_others * 7), np.nan, np.float32)
    for i in range(len(rows)):
        t = slots[i]
        for o in range(n_others):
            x = others[o, rows[i]]
            total_3, n_3 = known_sum(x, t - 2, t + 1)
            total_48, n_48 = known_sum(x, t - 47, max(t - 2, 0))
            total_day, n_day = known_sum(x, t - DAY + 1, max(t - 47, 0))
            n_48 += n_3
            n_day += n_48
            if not n_day:
                continue
            total_48 += total_3
            day = (total_day + total_48) / n_day
            c = o * 7
            now = total_3 / n_3 if n_3 else np.nan
            out[i, c], out[i, c + 1] = x[t], now
            out[i, c + 2] = now - (total_48 / n_48 if n_48 else np.nan)
            out[i, c + 3] = x[t] - day
            top = known_max(x, t - 11, t + 1)
            if top > -np.inf:
                out[i, c + 4] = top - day
            if t >= 3:
                out[i, c + 5] = x[t] - x[t - 3]
            total, n = known_sum(x, t + first - DAY, max(min(t + last - DAY, t) + 1, 0))
            if n:
                out[i, c + 6] = total / n - day
    return out
