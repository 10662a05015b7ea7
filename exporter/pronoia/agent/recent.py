"""How the latest tasks ended."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WINDOW_SECONDS = 300
SLOT_SECONDS = 10


class RecentOutcomes:
    """Successes and failures of the last five minutes, counted in slots of ten seconds; safe for threads.

    Its size does not depend on how many tasks end.

    Args:
        clock: seconds that never go back.

    >>> outcomes = RecentOutcomes()
    >>> outcomes.success_ratio()
    nan
    >>> for succeeded in (True, True, True, False):
    ...     outcomes.add(succeeded=succeeded)
    >>> outcomes.success_ratio()
    0.75
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._slots: deque[_Slot] = deque()
        self._lock = threading.Lock()

    def add(self, *, succeeded: bool) -> None:
        """Count a task that ended now."""
        with self._lock:
            number = self._forget_the_old()
            if not self._slots or self._slots[-1].number != number:
                self._slots.append(_Slot(number))
            self._slots[-1].n_ended += 1
            self._slots[-1].n_succeeded += succeeded

    def success_ratio(self) -> float:
        """Share of the tasks that succeeded, from 0 to 1; NaN if none ended."""
        with self._lock:
            self._forget_the_old()
            n_ended = sum(slot.n_ended for slot in self._slots)
            return sum(slot.n_succeeded for slot in self._slots) / n_ended if n_ended else math.nan

    def _forget_the_old(self) -> int:
        """Drop what lies before the window; the number of the slot that is filled now."""
        number = int(self._clock() // SLOT_SECONDS)
        while self._slots and self._slots[0].number <= number - WINDOW_SECONDS // SLOT_SECONDS:
            self._slots.popleft()
        return number


class _Slot:
    __slots__ = ("n_ended", "n_succeeded", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.n_ended = 0
        self.n_succeeded = 0
