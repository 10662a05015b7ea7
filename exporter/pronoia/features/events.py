"""Events: at which slots something happened, subject by subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Rising slots of each subject, in one array.

    Args:
        slots: int32 (n,), those of subject i from `begins[i]` up to, not including, `ends[i]`.
        begins: int64 (n_subjects,).
        ends: int64 (n_subjects,).
    """

    slots: NDArray[np.int32]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]

    @staticmethod
    def of(flags: NDArray[np.bool_]) -> Events:
        """The slots that are set of bool (n_subjects, n_slots).

        >>> Events.of(np.array([[True, False, True], [False, True, False]])).slots.tolist()
        [0, 2, 1]
        """
        ends = np.cumsum(flags.sum(axis=1), dtype=np.int64)
        return Events(np.nonzero(flags)[1].astype(np.int32), np.append(0, ends[:-1]).astype(np.int64), ends)


@compiled
def latest(slots: NDArray[np.int32], begin: int, end: int, now: int) -> int:
    """Index of the newest event of one subject that is not after now; `begin - 1` if there is none."""
    # Live, it is among the last.
    for k in range(end - 1, max(end - 5, begin - 1), -1):
        if slots[k] <= now:
            return k
    left, right = begin, end
    while left < right:
        middle = (left + right) // 2
        if slots[middle] <= now:
            left = middle + 1
        else:
            right = middle
    return left - 1
