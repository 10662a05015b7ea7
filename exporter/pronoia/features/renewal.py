"""How long ago the last overload began, against the gaps between earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

_MEDIAN_OF, _HAZARD_OF = 20, 64
# Never, and longer ago than is worth telling apart.
_LONGEST = 20_000

NAMES = (
    "slots_since_start", "last_gap", "median_gap", "gap_spread", "since_per_gap", "gap_left", "renewal_hazard",
    "n_longer_gaps", "slots_since_high", "gaps_near_share", "gaps_in_window_share",
)  # fmt: skip


def renewal(
    history: LoadHistory, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Gaps and what they say of the window, float32 (n_rows, 11); NaN before the first overload."""
    return _renewal(history.is_high, history.starts, rows, slots, window.first, window.last, len(NAMES))


@compiled
def _renewal(
    is_high: NDArray[np.bool_],
    starts: NDArray[np.bool_],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    first: int,
    last: int,
    n_columns: int,
) -> NDArray[np.float32]:
    out = np.full((len(rows), n_columns), np.nan, np.float32)
    gaps = np.empty(_HAZARD_OF)
    for i in range(len(rows)):
        t = slots[i]
        begins, high = starts[rows[i]], is_high[rows[i]]
        since_high = 0
        while since_high <= t and since_high < _LONGEST and not high[t - since_high]:
            since_high += 1
        out[i, 8] = since_high if since_high <= t else _LONGEST
        tau, newest, n = -1, -1, 0
        for k in range(t, max(t - _LONGEST, -1), -1):
            if not begins[k]:
                continue
            if newest < 0:
                tau = t - k
            else:
                gaps[n] = newest - k
                n += 1
                if n == _HAZARD_OF:
                    break
            newest = k
        if tau < 0:
            continue
        out[i, 0] = tau
        if not n:
            continue
        recent = np.sort(gaps[: min(n, _MEDIAN_OF)])
        median = recent[len(recent) // 2]
        spread = np.sort(np.abs(recent - median))[len(recent) // 2]
        middle = (first + last) // 2
        in_window, longer, near = 0, 0, 0
        for gap in gaps[:n]:
            in_window += tau + first - 1 < gap <= tau + last
            longer += gap > tau + first - 1
            near += tau + first - 2 <= gap <= tau + last + 2
        out[i, 1], out[i, 2], out[i, 3] = gaps[0], median, spread / median
        out[i, 4], out[i, 5] = (tau + middle) / median, median - tau - middle
        out[i, 6], out[i, 7] = (in_window + 0.02) / (longer + 2.0), longer
        out[i, 9], out[i, 10] = near / n, in_window / (n + 2.0)
    return out
