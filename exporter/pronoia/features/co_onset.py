"""Subjects whose overloads begin together: what those that usually begin with this one did in the window's place.

Jobs are handed out to many machines at once. How closely two subjects belong together is counted once a day from the
days before, so that a day's rows share one table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.slots import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

# Overloads begin together where the other's began in the same slot or in the four before.
_TOGETHER_SLOTS = 4
# Per day: half of the weight after three weeks.
_DECAY = 0.97
_LEAST_WEIGHT = 0.1
_DAYS = 7
_RECENT_SLOTS = 6

NAMES = ("group_days_start", "group_starts_6", "group_weight")


def co_onset(
    history: LoadHistory, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Weighted sums over the subjects that begin with this one, float32 (n_rows, 3); 0 where there are none.

    A pair's weight is its decayed number of joint beginnings, over sqrt(product of each one's own + 1). Cost: the
    square of the number of subjects that were ever overloaded, in memory, and that number per row.
    """
    out = np.zeros((len(rows), len(NAMES)), np.float32)
    active = np.flatnonzero(history.starts_before[:, -1])
    place = np.full(history.n_subjects, -1)
    place[active] = np.arange(len(active))
    offset = int(history.grid.start_ms // history.grid.step_ms % DAY)
    whole_days = (slots + 1 + offset) // DAY
    # In the order of time: the table grows by the days that have passed since the row before.
    order = np.lexsort((slots, whole_days))
    who, when = np.nonzero(history.starts[active].T)[::-1]
    _co_onset(
        who, when, history.systems[active], place[rows[order]], slots[order],
        whole_days[order] * DAY - offset, whole_days[order], history.starts_before[active],
        window.first, window.last, order, out,
    )  # fmt: skip
    return out


@compiled
def _co_onset(
    who: NDArray[np.int64],
    when: NDArray[np.int64],
    systems: NDArray[np.int64],
    places: NDArray[np.int64],
    slots: NDArray[np.int64],
    ends: NDArray[np.int64],
    days: NDArray[np.int64],
    starts_before: NDArray[np.int32],
    first: int,
    last: int,
    order: NDArray[np.int64],
    out: NDArray[np.float32],
) -> None:
    n = len(systems)
    # Counted with weights that grow by the day, which is the same as letting what was counted shrink.
    joint, own = np.zeros((n, n)), np.zeros(n)
    event = 0
    for i in range(len(places)):
        while event < len(when) and when[event] < ends[i]:
            weight = _DECAY ** -((when[event] - ends[i]) // DAY + days[i])
            j = event
            while j >= 0 and when[j] >= when[event] - _TOGETHER_SLOTS:
                if who[j] != who[event] and systems[who[j]] == systems[who[event]]:
                    joint[who[event], who[j]] += weight
                j -= 1
            j = event + 1
            while j < len(when) and when[j] == when[event]:
                if systems[who[j]] == systems[who[event]]:
                    joint[who[event], who[j]] += weight
                j += 1
            own[who[event]] += weight
            event += 1
        place, t = places[i], slots[i]
        if place < 0 or own[place] == 0.0:
            continue
        scale = _DECAY ** days[i]
        for peer in range(n):
            if joint[place, peer] == 0.0:
                continue
            weight = scale * joint[place, peer] / np.sqrt(scale * scale * own[place] * own[peer] + 1.0)
            if weight < _LEAST_WEIGHT:
                continue
            before = starts_before[peer]
            n_days = 0
            for day in range(1, _DAYS + 1):
                a, b = t + first - day * DAY, t + last - day * DAY
                if b >= 0:
                    n_days += before[b + 1] > before[max(a, 0)]
            out[order[i], 0] += weight * n_days
            out[order[i], 1] += weight * (before[t + 1] - before[max(t + 1 - _RECENT_SLOTS, 0)])
            out[order[i], 2] += weight
