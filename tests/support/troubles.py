"""What is going wrong on the machines of `make stack`, so that there is something to foretell and to tell of.

Nothing of it was so before, in the two weeks of history; from the start on it comes again every two hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Instants = NDArray[np.int64]

_MINUTE_MS = 60_000
AGAIN_MINUTES = 120.0
#: A process that runs wild keeps the processor busy, from before the start until after it; others hardly get to work.
WILD_LOAD, WILD_MINUTES, WILD_BEFORE_MINUTES = 0.97, 30.0, 10.0
WILD_LEFT = 0.05
#: A leak takes memory from here up to all of it, when the kernel kills the process.
LEAK_FROM, LEAK_TO, LEAK_MINUTES = 0.4, 0.995, 65.0
#: Machines that leak run out of memory one after the other.
APART_MINUTES = 20.0


def wild_load(times_ms: Instants, now_ms: int) -> Floats:
    """The share of the processor that a process that runs wild takes at least; 0 where there is none."""
    minutes, within = _cycle(times_ms, now_ms - WILD_BEFORE_MINUTES * _MINUTE_MS)
    return np.where((minutes >= 0.0) & (within < WILD_MINUTES), WILD_LOAD, 0.0)


def leaked(times_ms: Instants, full_ms: float) -> tuple[Floats, Floats]:
    """The share of memory that a leak takes at least, and how often the kernel has killed for want of it.

    Args:
        times_ms: Unix time.
        full_ms: when it is used up for the first time.
    """
    minutes, within = _cycle(times_ms, full_ms - LEAK_MINUTES * _MINUTE_MS)
    is_leaking = (minutes >= 0.0) & (within < LEAK_MINUTES)
    share = np.where(is_leaking, LEAK_FROM + (LEAK_TO - LEAK_FROM) * within / LEAK_MINUTES, 0.0)
    kills = np.maximum(np.floor((minutes - LEAK_MINUTES) / AGAIN_MINUTES) + 1.0, 0.0)
    return share, kills


def _cycle(times_ms: Instants, begin_ms: float) -> tuple[Floats, Floats]:
    """Minutes since it began for the first time, and since it last began."""
    minutes = (times_ms - begin_ms) / _MINUTE_MS
    return minutes, np.mod(minutes, AGAIN_MINUTES)
