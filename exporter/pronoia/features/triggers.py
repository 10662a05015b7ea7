"""What usually follows: how often an overload began in the window after jumps of its own metrics, or a peer's overload.

Rates are counted from the subject's past alone, and only from cases whose outcome is known by now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.load import OTHERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

# A jump is a value so far above the mean of the six slots before: of a ratio, and of a logarithm of KB/s.
_JUMP_OF_RATIO, _JUMP_OF_LOG = 0.2, 1.0
_JUMP_OVER = 6
# How many slots ago a jump and a peer's overload may lie, how many past cases are looked at, and how many more without
# an outcome are assumed.
_JUMP_AGES, _PEER_AGES = 3, 6
_CASES = 64
_PRIOR_CASES = 4.0
# Beyond so many peers with an overload within half an hour, the nearest by number speak for all.
_MOST_PEERS = 64

NAMES: tuple[str, ...] = (
    *(f"follows_jump_{name}" for name in ("load", *OTHERS)),
    "follows_peer_start",
    "follows_peer_jump",
)


def triggers(
    history: LoadHistory, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Highest such rate per kind of trigger, float32 (n_rows, 8); 0 without a trigger now."""
    out = np.zeros((len(rows), len(NAMES)), np.float32)
    limits = (_JUMP_OF_RATIO, _JUMP_OF_RATIO, *(_JUMP_OF_LOG for _ in OTHERS[1:]))
    for column, (metric, limit) in enumerate(zip((history.load, *history.others), limits, strict=True)):
        jumps = _jumps(metric, limit)
        _own(jumps, history.starts_before, rows, slots, window.first, window.last, out[:, column])
        if column == 0:
            _of_peers(
                jumps, _JUMP_AGES, history.systems, history.starts_before,
                rows, slots, window.first, window.last, out[:, -1],
            )  # fmt: skip
    _of_peers(
        history.starts, _PEER_AGES, history.systems, history.starts_before,
        rows, slots, window.first, window.last, out[:, -2],
    )  # fmt: skip
    return out


@compiled
def _jumps(values: NDArray[np.float32], limit: float) -> NDArray[np.bool_]:
    jumps = np.zeros(values.shape, np.bool_)
    for row in range(len(values)):
        x = values[row]
        total = 0.0
        for t in range(1, values.shape[1]):
            total += x[t - 1]
            if t > _JUMP_OVER:
                total -= x[t - 1 - _JUMP_OVER]
            if np.isnan(total):
                total = 0.0
                for k in range(max(t - _JUMP_OVER, 0), t):
                    total += x[k]
            elif t >= _JUMP_OVER:
                jumps[row, t] = x[t] - total / _JUMP_OVER >= limit
    return jumps


@compiled
def _rate(
    events: NDArray[np.bool_], starts_before: NDArray[np.int32], t: int, age: int, first: int, last: int
) -> float:
    """How often an overload began in the window, `age` slots after an event, over the newest known cases."""
    n, n_followed = 0, 0
    # An event at k was followed up to k + age + last, which must not lie after now.
    for k in range(t - age - last, -1, -1):
        if events[k]:
            n += 1
            n_followed += starts_before[k + age + last + 1] > starts_before[k + age + first]
            if n == _CASES:
                break
    return n_followed / (n + _PRIOR_CASES)


@compiled
def _own(
    events: NDArray[np.bool_],
    starts_before: NDArray[np.int32],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    first: int,
    last: int,
    out: NDArray[np.float32],
) -> None:
    for i in range(len(rows)):
        row, t = rows[i], slots[i]
        for age in range(min(_JUMP_AGES, t + 1)):
            if events[row, t - age]:
                out[i] = max(out[i], _rate(events[row], starts_before[row], t, age, first, last))


@compiled
def _of_peers(
    events: NDArray[np.bool_],
    most_age: int,
    systems: NDArray[np.int64],
    starts_before: NDArray[np.int32],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    first: int,
    last: int,
    out: NDArray[np.float32],
) -> None:
    # Which subjects had an event at each slot, as one list per slot.
    n_subjects, n_slots = events.shape
    begins = np.zeros(n_slots + 1, np.int64)
    for row in range(n_subjects):
        for t in range(n_slots):
            begins[t + 1] += events[row, t]
    begins = np.cumsum(begins)
    filled = begins.copy()
    who = np.empty(begins[-1], np.int64)
    for row in range(n_subjects):
        for t in range(n_slots):
            if events[row, t]:
                who[filled[t]] = row
                filled[t] += 1
    for i in range(len(rows)):
        row, t = rows[i], slots[i]
        n_peers = 0
        for age in range(min(most_age, t + 1)):
            for k in range(begins[t - age], begins[t - age + 1]):
                peer = who[k]
                if peer == row or systems[peer] != systems[row] or n_peers == _MOST_PEERS:
                    continue
                n_peers += 1
                # What never began before cannot follow.
                if starts_before[row, t + 1]:
                    out[i] = max(out[i], _rate(events[peer], starts_before[row], t, age, first, last))
