"""The instant at which a whole read must be over, known to every socket operation below it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_in_force: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


class Deadline:
    """Seconds left of a time allowance, on a clock that nobody sets.

    Args:
        seconds: the allowance, counted from now.
        clock: monotonic seconds.

    >>> ticks = iter([100.0, 101.5, 105.0])
    >>> deadline = Deadline(3.0, clock=lambda: next(ticks))
    >>> deadline.remaining(), deadline.remaining()
    (1.5, 0.0)
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._at = clock() + seconds

    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._at - self._clock())

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Hold connections opened and answers read inside the block to this deadline."""
        token = _in_force.set(self)
        try:
            yield
        finally:
            _in_force.reset(token)

    @staticmethod
    def current() -> Deadline | None:
        """The deadline in force here, if any."""
        return _in_force.get()
