"""Days of a local clock: which day, weekday and time of day each step of a history and of its curve falls on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_MS = 86_400_000
# 1970-01-01 was a Thursday; weekdays count from Monday, 0.
_FIRST_WEEKDAY = 3


@dataclass(frozen=True, eq=False)
class LocalDays:
    """A local time axis of even steps that divide a day.

    Args:
        first_ms: local time of the first step of the history, as milliseconds of a clock that never changed.
        step_ms: distance of two steps.
        n_past: steps of the history.
        n_ahead: steps after it.
    """

    first_ms: int
    step_ms: int
    n_past: int
    n_ahead: int

    @property
    def n_slots(self) -> int:
        """Steps of a day."""
        return DAY_MS // self.step_ms

    @property
    def first_day(self) -> int:
        """Day of the first step, in days since 1970-01-01."""
        return self.first_ms // DAY_MS

    @property
    def n_days(self) -> int:
        """Days that the history touches."""
        return (self.first_ms + (self.n_past - 1) * self.step_ms) // DAY_MS - self.first_day + 1

    @cached_property
    def row(self) -> NDArray[np.int64]:
        """Day of each step, from the first day, 0, on; int64 (n_past + n_ahead,)."""
        rows: NDArray[np.int64] = self._times // DAY_MS - self.first_day
        return rows

    @cached_property
    def slot(self) -> NDArray[np.int64]:
        """Step of its day of each step, int64 (n_past + n_ahead,)."""
        slots: NDArray[np.int64] = self._times % DAY_MS // self.step_ms
        return slots

    @cached_property
    def weekday(self) -> NDArray[np.int64]:
        """Weekday of each day, Monday 0 to Sunday 6, int64 (days of history and curve,)."""
        weekdays: NDArray[np.int64] = (self.first_day + _FIRST_WEEKDAY + np.arange(self.row[-1] + 1)) % 7
        return weekdays

    def by_day(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """A history as one row a day, float64 (n_days, n_slots); NaN where it has no value."""
        table = np.full((self.n_days, self.n_slots), np.nan)
        table[self.row[: self.n_past], self.slot[: self.n_past]] = values
        return table

    @cached_property
    def _times(self) -> NDArray[np.int64]:
        return self.first_ms + self.step_ms * np.arange(self.n_past + self.n_ahead, dtype=np.int64)
