"""Spans of time, in UTC milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

#: The instant of what never was.
NEVER_MS = int(np.iinfo(np.int64).min)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A span of time with both ends included, as remote-read and `query_range` mean it.

    Raises:
        ValueError: if the end lies before the start.
    """

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if self.end_ms < self.start_ms:
            raise ValueError(f"time range ends ({self.end_ms} ms) before it starts ({self.start_ms} ms)")

    @property
    def duration_ms(self) -> int:
        """Length in milliseconds; 0 for a single instant."""
        return self.end_ms - self.start_ms

    def slices(self, width_ms: int) -> Iterator[TimeRange]:
        """Consecutive, disjoint parts of at most `width_ms`, oldest first, that cover the range.

        >>> [(s.start_ms, s.end_ms) for s in TimeRange(0, 25).slices(10)]
        [(0, 9), (10, 19), (20, 25)]
        """
        if width_ms < 1:
            raise ValueError(f"slice width is {width_ms} ms, at least 1 is needed")
        for start_ms in range(self.start_ms, self.end_ms + 1, width_ms):
            yield TimeRange(start_ms, min(start_ms + width_ms - 1, self.end_ms))


@dataclass(frozen=True, slots=True)
class Grid:
    """Evenly spaced instants: `start_ms`, `start_ms + step_ms`, ... (`n_steps` of them).

    Raises:
        ValueError: if the step is not positive or the count is negative.
    """

    start_ms: int
    step_ms: int
    n_steps: int

    def __post_init__(self) -> None:
        if self.step_ms < 1 or self.n_steps < 0:
            raise ValueError(f"a grid of {self.n_steps} steps of {self.step_ms} ms is not possible")

    @classmethod
    def ending_at(cls, end_ms: int, step_ms: int, n_steps: int) -> Grid:
        """The grid whose last instant is `end_ms`.

        >>> Grid.ending_at(100, 10, 3).timestamps_ms.tolist()
        [80, 90, 100]
        """
        return cls(end_ms - (n_steps - 1) * step_ms, step_ms, n_steps)

    @property
    def end_ms(self) -> int:
        """The last instant (one step before the start for an empty grid)."""
        return self.start_ms + (self.n_steps - 1) * self.step_ms

    @property
    def timestamps_ms(self) -> NDArray[np.int64]:
        """All instants, int64 (n_steps,)."""
        return self.start_ms + self.step_ms * np.arange(self.n_steps, dtype=np.int64)

    def following(self, n_steps: int) -> Grid:
        """The next `n_steps` instants after this grid's end."""
        return Grid(self.end_ms + self.step_ms, self.step_ms, n_steps)
