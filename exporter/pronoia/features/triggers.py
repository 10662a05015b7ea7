"""What usually follows: how often an overload began in the window after jumps of its own metrics, or a peer's overload.

Rates are counted from the subject's past alone, and only from cases whose outcome is known by now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.events import latest
from pronoia.features.flags import any_set, count_before
from pronoia.features.load import OTHERS
from pronoia.features.past import REMEMBERED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast
    from pronoia.features.slots import Window

# How many slots ago a jump and a peer's overload may lie, and how many more cases without an outcome are assumed.
_JUMP_AGES, _PEER_AGES = 3, 6
#: How many newest cases are looked at.
CASES = 64
_PRIOR_CASES = 4.0
# Beyond so many peers with an overload within half an hour, the nearest by number speak for all.
_MOST_PEERS = 64

NAMES: tuple[str, ...] = (
    *(f"follows_jump_{name}" for name in ("load", *OTHERS)),
    "follows_peer_start",
    "follows_peer_jump",
)


def triggers(
    history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Highest such rate per kind of trigger, float32 (n_rows, 8); 0 without a trigger now.

    Cases are the newest 64 of the slots that are remembered (`REMEMBERED`).
    """
    out = np.zeros((len(rows), len(NAMES)), np.float32)
    past = history.past
    starts, bits, before, bits_first = past.start_slots, past.starts.bits, past.starts.before, past.starts.first
    for column, jumps in enumerate(past.jump_slots):
        _own(
            jumps.slots, jumps.begins, jumps.ends, bits, before, bits_first,
            rows, slots, window.first, window.last, out[:, column],
        )  # fmt: skip
    for column, events, most_age in ((-2, starts, _PEER_AGES), (-1, past.jump_slots[0], _JUMP_AGES)):
        _of_peers(
            events.slots, events.begins, events.ends, most_age, history.systems, bits, before, bits_first,
            rows, slots, max(int(slots.min()) - most_age, 0), int(slots.max()), window.first, window.last,
            out[:, column],
        )  # fmt: skip
    return out


@compiled
def _rate(
    events: NDArray[np.int32],
    begin: int,
    newest: int,
    bits: NDArray[np.int64],
    before: NDArray[np.int32],
    bits_first: int,
    t: int,
    age: int,
    first: int,
    last: int,
) -> float:
    """How often an overload began in the window, `age` slots after an event, over the newest known cases.

    Args:
        events: slots.
        begin: index of the oldest.
        newest: index of the newest that is not after now.
        bits: of the overloads that began.
        before: of them.
        bits_first: of them.
        t: now.
        age: in slots.
        first: of the window.
        last: of the window.
    """
    n, n_followed = 0, 0
    for index in range(newest, begin - 1, -1):
        k = events[index]
        # An event at k was followed up to k + age + last, which must not lie after now.
        if k > t - age - last:
            continue
        if k <= t - REMEMBERED or n == CASES:
            break
        n += 1
        since = k + age - bits_first
        n_followed += any_set(bits, before, since + first, since + last, t - bits_first)
    return n_followed / (n + _PRIOR_CASES)


@compiled
def _own(
    events: NDArray[np.int32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    bits: NDArray[np.int64],
    before: NDArray[np.int32],
    bits_first: int,
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    first: int,
    last: int,
    out: NDArray[np.float32],
) -> None:
    # Whether an overload followed each event at each age; below 0 where nobody asked. Rows of one subject share it.
    followed = np.full((_JUMP_AGES, len(events)), -1, np.int8)
    for i in range(len(rows)):
        row, t = rows[i], slots[i]
        newest = latest(events, begins[row], ends[row], t)
        recent = newest
        while recent >= begins[row] and events[recent] > t - _JUMP_AGES:
            # What never began before cannot follow.
            if not count_before(bits[row], before[row], t + 1 - bits_first):
                break
            age = t - events[recent]
            recent -= 1
            case = newest
            while case >= begins[row] and events[case] > t - age - last:
                case -= 1
            n, n_followed = 0, 0
            while case >= begins[row] and n < CASES and events[case] > t - REMEMBERED:
                if followed[age, case] < 0:
                    since = events[case] + age - bits_first
                    followed[age, case] = any_set(bits[row], before[row], since + first, since + last, t - bits_first)
                n_followed += followed[age, case]
                n += 1
                case -= 1
            out[i] = max(out[i], n_followed / (n + _PRIOR_CASES))


@compiled
def _of_peers(
    events: NDArray[np.int32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    most_age: int,
    systems: NDArray[np.int64],
    bits: NDArray[np.int64],
    before: NDArray[np.int32],
    bits_first: int,
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    first_slot: int,
    last_slot: int,
    first: int,
    last: int,
    out: NDArray[np.float32],
) -> None:
    # Which subjects had an event at each slot that matters, as one list per slot.
    n_subjects = len(begins)
    until = np.zeros(last_slot - first_slot + 2, np.int64)
    for row in range(n_subjects):
        k = latest(events, begins[row], ends[row], last_slot)
        while k >= begins[row] and events[k] >= first_slot:
            until[events[k] - first_slot + 1] += 1
            k -= 1
    until = np.cumsum(until)
    filled = until.copy()
    who, which = np.empty(until[-1], np.int64), np.empty(until[-1], np.int64)
    for row in range(n_subjects):
        k = latest(events, begins[row], ends[row], last_slot)
        while k >= begins[row] and events[k] >= first_slot:
            place = filled[events[k] - first_slot]
            who[place], which[place] = row, k
            filled[events[k] - first_slot] += 1
            k -= 1
    for i in range(len(rows)):
        row, t = rows[i], slots[i]
        # What never began before cannot follow.
        if not count_before(bits[row], before[row], t + 1 - bits_first):
            continue
        n_peers = 0
        for age in range(min(most_age, t + 1)):
            if t - age < first_slot or n_peers == _MOST_PEERS:
                break
            for k in range(until[t - age - first_slot], until[t - age - first_slot + 1]):
                peer = who[k]
                if peer == row or systems[peer] != systems[row]:
                    continue
                if n_peers == _MOST_PEERS:
                    break
                n_peers += 1
                rate = _rate(events, begins[peer], which[k], bits[row], before[row], bits_first, t, age, first, last)
                out[i] = max(out[i], rate)
