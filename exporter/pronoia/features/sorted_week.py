"""SortedWeek: every fourth value of a week, kept sorted while now moves on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.slots import WEEK

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Quantiles of a week are taken from every fourth slot: they hardly differ, and cost a quarter.
STRIDE = 4
_N_VALUES = WEEK // STRIDE
# Moving on by more slots than this costs more than sorting anew.
_MOST_MOVES = 12


@dataclass(frozen=True, slots=True, eq=False)
class SortedWeek:
    """Four windows, one for each remainder of the slot by four. Changed in place by `move_on`.

    Args:
        values: float32 (n_subjects, 4, 504), rising, the first `n_known`.
        n_known: int64 (n_subjects, 4).
        newest: int64 (n_subjects, 4), the slot that each window ends with; -1 where it has to be made.
    """

    values: NDArray[np.float32]
    n_known: NDArray[np.int64]
    newest: NDArray[np.int64]

    @staticmethod
    def of(n_subjects: int) -> SortedWeek:
        """Windows that have to be made."""
        shape = (n_subjects, STRIDE)
        return SortedWeek(
            np.zeros((*shape, _N_VALUES), np.float32), np.zeros(shape, np.int64), np.full(shape, -1, np.int64)
        )


@compiled
def move_on(
    values: NDArray[np.float32], n_known: NDArray[np.int64], newest: NDArray[np.int64],
    load: NDArray[np.float32], first: int, t: int,
) -> tuple[NDArray[np.float32], int]:  # fmt: skip
    """Let one subject's window end at a slot.

    Args:
        values: of the subject's four windows.
        n_known: of them.
        newest: of them.
        load: of the subject.
        first: the slot that `load` begins with.
        t: the slot.

    Returns:
        the window, and how many of its values are known.
    """
    phase = t % STRIDE
    part, n, newest_slot = values[phase], n_known[phase], newest[phase]
    if newest_slot < 0 or newest_slot > t or t - newest_slot > _MOST_MOVES * STRIDE:
        n = 0
        for k in range(t, max(t - WEEK, -1), -STRIDE):
            if not np.isnan(load[k - first]):
                part[n] = load[k - first]
                n += 1
        part[:n].sort()
    else:
        for k in range(newest_slot + STRIDE, t + 1, STRIDE):
            old = load[k - WEEK - first] if k >= WEEK else np.float32(np.nan)
            n = _replace(part, n, old, load[k - first])
    n_known[phase], newest[phase] = n, t
    return part, n


@compiled
def amend(
    values: NDArray[np.float32], n_known: NDArray[np.int64], newest: NDArray[np.int64],
    slot: int, old: np.float32, new: np.float32,
) -> None:  # fmt: skip
    """Change a value of one subject, if it is in the window that ends with its slot."""
    phase = slot % STRIDE
    if newest[phase] == slot and old != new and not (np.isnan(old) and np.isnan(new)):
        n_known[phase] = _replace(values[phase], n_known[phase], old, new)


@compiled
def _replace(part: NDArray[np.float32], n: int, old: np.float32, new: np.float32) -> int:
    """Take a value out of a sorted part and put another in; NaN is none. How many there are then."""
    hole = n if np.isnan(old) else _place(part, n, old)
    n_after = n if np.isnan(old) else n - 1
    if np.isnan(new):
        for k in range(hole, n_after):
            part[k] = part[k + 1]
        return n_after
    while hole > 0 and part[hole - 1] > new:
        part[hole] = part[hole - 1]
        hole -= 1
    while hole < n_after and part[hole + 1] < new:
        part[hole] = part[hole + 1]
        hole += 1
    part[hole] = new
    return n_after + 1


@compiled
def _place(part: NDArray[np.float32], n: int, value: np.float32) -> int:
    """The first index whose value is not below this one."""
    left, right = 0, n
    while left < right:
        middle = (left + right) // 2
        if part[middle] < value:
            left = middle + 1
        else:
            right = middle
    return left
