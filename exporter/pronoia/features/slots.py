"""Slots: the unit of time of all features, and the windows ahead that predictions speak of.

A slot is five minutes unless configured otherwise. Everything is counted in slots, so that compressed time (a test, a
demonstration) changes nothing but their length.
"""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 12
DAY = 288
WEEK = 2_016

#: Where a load counts as too high, on the scale to which every load is brought (`LoadHistory`).
HIGH = 0.9


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The slots `first` .. `last` after now, both counted.

    Raises:
        ValueError: if it does not lie ahead, or is longer than a day.

    >>> Window(4, 6).length
    3
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last <= DAY:
            raise ValueError(f"slots {self.first} .. {self.last} ahead; 1 <= first <= last <= {DAY} is needed")

    @property
    def length(self) -> int:
        """Number of slots."""
        return self.last - self.first + 1


#: What lies ahead, in pieces: to 15 minutes, to 30, to 60, to four hours.
WINDOWS = (Window(1, 3), Window(4, 6), Window(7, 12), Window(13, 48))
