"""The other metrics of the same system: where they are, and how they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.load import OTHERS
from pronoia.features.slots import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

_COLUMNS = ("now", "mean_3", "mean_3_over_48", "over_288", "max_12_over_288", "change_3", "yesterday_over_288")

NAMES: tuple[str, ...] = tuple(f"{name}_{what}" for name in OTHERS for what in _COLUMNS)


def companions(
    history: LoadHistory, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Level and movement of each other metric against its own day, float32 (n_rows, 35); NaN where not known."""
    return _companions(history.others, rows, slots, window.first, window.last)


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
            c = o * 7
            out[i, c] = x[t]
            now, day = _mean(x, t - 2, t), _mean(x, t - DAY + 1, t)
            out[i, c + 1] = now
            out[i, c + 2] = now - _mean(x, t - 47, t)
            out[i, c + 3] = x[t] - day
            top = -np.inf
            for k in range(max(t - 11, 0), t + 1):
                if x[k] > top:
                    top = float(x[k])
            if top > -np.inf:
                out[i, c + 4] = top - day
            if t >= 3:
                out[i, c + 5] = x[t] - x[t - 3]
            out[i, c + 6] = _mean(x, t + first - DAY, min(t + last - DAY, t)) - day
    return out


@compiled
def _mean(x: NDArray[np.float32], first: int, last: int) -> float:
    total, n = 0.0, 0
    for k in range(max(first, 0), last + 1):
        if not np.isnan(x[k]):
            total += float(x[k])
            n += 1
    return total / n if n else np.nan
