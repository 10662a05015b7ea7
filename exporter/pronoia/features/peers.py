"""What the other subjects of the same group do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.flags import any_set, count_before
from pronoia.features.slots import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast
    from pronoia.features.slots import Window

_DAYS = 7

NAMES = ("peers_high_share", "peers_starts_3", "peers_starts_6", "peers_starts_288", "peers_days_start")


def peers(history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window) -> NDArray[np.float32]:
    """Of the known members: share high now, overloads that began lately, and in the window on the last 7 days.

    float32 (n_rows, 5); the subject itself is a member.
    """
    past = history.past
    groups, of_group = np.unique(history.systems, return_inverse=True)
    members = np.argsort(of_group, kind="stable")
    return _peers(
        past.load, past.load_first, past.high.bits, past.starts.bits, past.starts.before, past.high.first,
        members, np.searchsorted(of_group[members], np.arange(len(groups) + 1)), of_group,
        rows, slots, int(slots.min()), int(slots.max()), window.first, window.last,
    )  # fmt: skip


@compiled
def _peers(
    load: NDArray[np.float32],
    load_first: int,
    high: NDArray[np.int64],
    starts: NDArray[np.int64],
    starts_before: NDArray[np.int32],
    flags_first: int,
    members: NDArray[np.int64],
    member_of: NDArray[np.int64],
    of_group: NDArray[np.int64],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    first_slot: int,
    last_slot: int,
    first: int,
    last: int,
) -> NDArray[np.float32]:
    n_columns = 5
    out = np.empty((len(rows), n_columns), np.float32)
    # A group is counted once for all rows of a slot.
    counts = np.full((len(member_of) - 1, last_slot - first_slot + 1, n_columns), -1.0, np.float32)
    for i in range(len(rows)):
        group, t = of_group[rows[i]], slots[i]
        told = counts[group, t - first_slot]
        if told[0] < 0.0:
            _count(
                load, t - load_first, high, starts, starts_before, t - flags_first,
                members[member_of[group] : member_of[group + 1]], first, last, told,
            )  # fmt: skip
        out[i] = told
    return out


@compiled
def _count(
    load: NDArray[np.float32],
    at: int,
    high: NDArray[np.int64],
    starts: NDArray[np.int64],
    starts_before: NDArray[np.int32],
    now: int,
    members: NDArray[np.int64],
    first: int,
    last: int,
    told: NDArray[np.float32],
) -> None:
    """What a group does; `at` is the index of now in the load, and `now` in the flags."""
    n_known, n_high, n_3, n_6, n_day, n_days = 0, 0, 0, 0, 0, 0
    for member in members:
        n_known += np.isfinite(load[member, at])
        bits, before = starts[member], starts_before[member]
        n_high += (high[member, now >> 6] >> np.int64(now & 63)) & 1
        n = count_before(bits, before, now + 1)
        if not n:
            continue
        n_3 += n - count_before(bits, before, max(now - 2, 0))
        n_6 += n - count_before(bits, before, max(now - 5, 0))
        n_day += n - count_before(bits, before, max(now - DAY + 1, 0))
        for day in range(1, _DAYS + 1):
            if now + first - day * DAY >= 0:
                n_days += any_set(bits, before, now + first - day * DAY, now + last - day * DAY, now)
    known = max(n_known, 1)
    told[0], told[1], told[2] = n_high / known, n_3 / known, n_6 / known
    told[3], told[4] = n_day / known, n_days / known
