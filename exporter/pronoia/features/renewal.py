"""How long ago the last overload began, against the gaps between earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.events import latest
from pronoia.features.flags import newest_set

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast
    from pronoia.features.slots import Window

_MEDIAN_OF = 20
#: Of how many gaps the hazard is taken.
HAZARD_OF = 64
# Never, and longer ago than is worth telling apart.
_LONGEST = 20_000

NAMES = (
    "slots_since_start", "last_gap", "median_gap", "gap_spread", "since_per_gap", "gap_left", "renewal_hazard",
    "n_longer_gaps", "slots_since_high", "gaps_near_share", "gaps_in_window_share",
)  # fmt: skip


def renewal(
    history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Gaps and what they say of the window, float32 (n_rows, 11); NaN before the first overload."""
    high, starts = history.past.high, history.past.start_slots
    return _renewal(
        high.bits, high.first, starts.slots, starts.begins, starts.ends,
        rows, slots, window.first, window.last, len(NAMES),
    )  # fmt: skip


@compiled
def _renewal(
    high: NDArray[np.int64],
    high_first: int,
    starts: NDArray[np.int32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    first: int,
    last: int,
    n_columns: int,
) -> NDArray[np.float32]:
    out = np.full((len(rows), n_columns), np.nan, np.float32)
    gaps, recent = np.empty(HAZARD_OF, np.int64), np.empty(_MEDIAN_OF, np.int64)
    for i in range(len(rows)):
        row, t = rows[i], slots[i]
        newest_high = newest_set(high[row], t - high_first) + high_first
        out[i, 8] = min(t - newest_high, _LONGEST) if newest_high >= high_first else _LONGEST
        k = latest(starts, begins[row], ends[row], t)
        if k < begins[row] or t - starts[k] >= _LONGEST:
            continue
        tau = t - starts[k]
        out[i, 0] = tau
        n = 0
        while n < HAZARD_OF and k > begins[row] and t - starts[k - 1] < _LONGEST:
            gaps[n] = starts[k] - starts[k - 1]
            n += 1
            k -= 1
        if not n:
            continue
        n_recent = min(n, _MEDIAN_OF)
        recent[:n_recent] = gaps[:n_recent]
        median = _median(recent, n_recent)
        for g in range(n_recent):
            recent[g] = abs(gaps[g] - median)
        spread = _median(recent, n_recent)
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


@compiled
def _median(values: NDArray[np.int64], n: int) -> int:
    """The upper median of the first n values, which are sorted."""
    for i in range(1, n):
        value, k = values[i], i
        while k > 0 and values[k - 1] > value:
            values[k] = values[k - 1]
            k -= 1
        values[k] = value
    return int(values[n // 2])
