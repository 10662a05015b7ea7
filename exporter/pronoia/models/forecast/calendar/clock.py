"""Between UTC and a local clock: where each step of a history, and of the curve after it, stands on the clock.

Only changes of the clock matter: between two of them local time is UTC moved by whole steps, and no member knows the
difference. So positions are counted in steps of local time, from the end of the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.series import Grid

# Clocks change weeks apart; a probe a day finds every change.
_PROBE_SECONDS = 86_400


@dataclass(frozen=True, slots=True, eq=False)
class LocalClock:
    """A clock that changes within a history or the curve after it, by whole steps.

    Args:
        past: int64 (n_steps,): where each step of the history stands; the last one at n_steps - 1. A step that the
            clock skips is nobody's, one that it shows twice is that of two.
        ahead: int64 (n_ahead + 1,): where each step of the curve stands, from the end of the history (0) on.
    """

    past: NDArray[np.int64]
    ahead: NDArray[np.int64]

    @property
    def changed(self) -> int:
        """The first step of the history after the newest change; 0 if it lies ahead."""
        jumps = np.flatnonzero(np.diff(self.past) != 1)
        return int(jumps[-1]) + 1 if len(jumps) else 0

    @property
    def reach(self) -> int:
        """How many local steps ahead the curve needs."""
        return int(self.ahead.max())

    def to_local(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """A history on the local clock, float64 (n_steps,), with the same last value.

        Of an hour that the clock shows twice the second one stands, as every value stays one that was measured; an
        hour that it skips is drawn between its neighbours. NaN at the start, where an hour was lost.
        """
        n_steps = len(values)
        local = np.full(n_steps, np.nan)
        inside = (self.past >= 0) & (self.past < n_steps)
        # Of equal positions the last assignment stays.
        local[self.past[inside]] = values[inside]
        for gap_end in (np.flatnonzero(np.diff(self.past) > 1) + 1).tolist():
            start, end = int(self.past[gap_end - 1]), int(self.past[gap_end])
            if start >= 0:
                local[start : end + 1] = np.linspace(local[start], local[end], end - start + 1)
        return local

    def to_utc(self, curve: NDArray[np.float64]) -> NDArray[np.float64]:
        """A curve of local time, from the end of the history on, at the steps of UTC, float64 (n_ahead + 1,)."""
        utc: NDArray[np.float64] = curve[np.clip(self.ahead, 0, len(curve) - 1)]
        return utc


def local_clock(grid: Grid, n_ahead: int, timezone: str) -> LocalClock | None:
    """The clock of a history, or None where nothing is to be done.

    That is where no change lies in the history or the curve ahead, or where the steps are too coarse to show it: a
    change that is no multiple of the step.

    Args:
        grid: of the history.
        n_ahead: steps of the curve after it.
        timezone: IANA name.

    Raises:
        ZoneInfoNotFoundError: if there is no such zone.
    """
    n_steps = grid.n_steps
    instants = grid.start_ms + grid.step_ms * np.arange(n_steps + n_ahead, dtype=np.int64)
    offsets = offsets_ms(instants, timezone)
    moved = offsets - offsets[n_steps - 1]
    if not moved.any() or (moved % grid.step_ms).any():
        return None
    positions = np.arange(n_steps + n_ahead) + moved // grid.step_ms
    return LocalClock(past=positions[:n_steps], ahead=positions[n_steps - 1 :] - (n_steps - 1))


def offsets_ms(instants_ms: NDArray[np.int64], timezone: str) -> NDArray[np.int64]:
    """How far local time is ahead of UTC at each instant, milliseconds.

    Args:
        instants_ms: int64 (n,), ascending.
        timezone: IANA name.

    >>> summer = 1_782_000_000_000
    >>> offsets_ms(np.array([summer]), "Europe/Berlin").tolist()
    [7200000]
    """
    zone = ZoneInfo(timezone)
    first, last = int(instants_ms[0]) // 1000, -(-int(instants_ms[-1]) // 1000)
    probes = [*range(first, last, _PROBE_SECONDS), last]
    changes, offsets = [first * 1000], [_offset(first, zone)]
    for left, right in pairwise(probes):
        after = _offset(right, zone)
        if after != offsets[-1]:
            changes.append(_change_between(left, right, zone) * 1000)
            offsets.append(after)
    index = np.searchsorted(np.array(changes), instants_ms, side="right") - 1
    return np.array(offsets, dtype=np.int64)[np.maximum(index, 0)] * 1000


def _offset(seconds: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(seconds, tz=zone).utcoffset()
    return round(offset.total_seconds()) if offset is not None else 0


def _change_between(left: int, right: int, zone: ZoneInfo) -> int:
    """The first second with the offset of the right end."""
    after = _offset(right, zone)
    while right - left > 1:
        middle = (left + right) // 2
        if _offset(middle, zone) == after:
            right = middle
        else:
            left = middle
    return right
