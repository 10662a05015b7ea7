"""What a newest slot changes: loads, flags and events of the slot and of the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.flags import put_flag
from pronoia.features.jumps import is_jump
from pronoia.features.slots import HIGH
from pronoia.features.sorted_week import amend

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def advance_runs(runs: NDArray[np.int64], load: NDArray[np.float32], at: int, clean_slots: int, hold_slots: int) -> int:
    """Move one subject's runs on by one slot; 0 where it is not high, 1 where it is, 2 where an overload begins."""
    runs[0] = runs[0] + 1 if load[at] >= np.float32(HIGH) else 0
    if runs[0] >= hold_slots:
        begins = runs[1] >= clean_slots
        runs[1] = 0
        return 2 if begins else 1
    runs[1] = runs[1] + 1 if np.isfinite(load[at]) else 0
    return 0


@compiled
def settle(
    load: NDArray[np.float32], runs: NDArray[np.int64], begin: int, end: int, clean_slots: int, hold_slots: int
) -> None:
    """Move all subjects' runs over load[:, begin:end], which will not change any more."""
    for row in range(len(load)):
        for at in range(begin, end):
            advance_runs(runs[row], load[row], at, clean_slots, hold_slots)


@compiled
def write_slot(
    values: NDArray[np.float32],
    other_values: NDArray[np.float32],
    t: int,
    clean_slots: int,
    hold_slots: int,
    limits: NDArray[np.float64],
    load: NDArray[np.float32],
    load_first: int,
    others: NDArray[np.float32],
    others_first: int,
    missing_bits: NDArray[np.int64],
    missing_before: NDArray[np.int32],
    missing_first: int,
    high_bits: NDArray[np.int64],
    high_before: NDArray[np.int32],
    start_bits: NDArray[np.int64],
    start_before: NDArray[np.int32],
    flags_first: int,
    events: NDArray[np.int32],
    n_events: NDArray[np.int64],
    runs: NDArray[np.int64],
    is_filled: NDArray[np.bool_],
    week_values: NDArray[np.float32],
    week_known: NDArray[np.int64],
    week_newest: NDArray[np.int64],
) -> None:
    """Put values into the newest slot, or others in their place, and say anew what follows from the newest two.

    A slot that is missing alone is filled with the one before it as soon as the one after it is known, as
    `bridge_single_gaps` does.
    """
    run = np.empty(2, np.int64)
    at, other_at = t - load_first, t - others_first
    for row in range(len(values)):
        u = load[row]
        week = week_values[row], week_known[row], week_newest[row]
        amend(week[0], week[1], week[2], t, u[at], values[row])
        u[at] = values[row]
        if t >= 1:
            before = np.float32(np.nan) if is_filled[row] else u[at - 1]
            is_filled[row] = t >= 2 and np.isnan(before) and not np.isnan(u[at - 2]) and not np.isnan(u[at])
            before = u[at - 2] if is_filled[row] else before
            amend(week[0], week[1], week[2], t - 1, u[at - 1], before)
            u[at - 1] = before
        for o in range(len(others)):
            others[o, row, other_at] = other_values[o, row]
        for kind in range(events.shape[1]):
            while n_events[row, kind] and events[row, kind, n_events[row, kind] - 1] >= t - 1:
                n_events[row, kind] -= 1
        run[:] = runs[row]
        for k in range(max(t - 1, 0), t + 1):
            state = advance_runs(run, u, k - load_first, clean_slots, hold_slots)
            put_flag(missing_bits[row], missing_before[row], k - missing_first, np.isnan(u[k - load_first]))
            put_flag(high_bits[row], high_before[row], k - flags_first, state >= 1)
            put_flag(start_bits[row], start_before[row], k - flags_first, state == 2)
            for kind in range(events.shape[1]):
                if kind == 0:
                    happens = state == 2
                elif kind == 1:
                    happens = is_jump(u, k - load_first, limits[0])
                else:
                    happens = is_jump(others[kind - 2, row], k - others_first, limits[kind - 1])
                if happens:
                    events[row, kind, n_events[row, kind]] = k
                    n_events[row, kind] += 1
