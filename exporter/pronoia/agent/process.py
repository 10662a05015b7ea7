"""What this process uses, asked when it is scraped (Linux)."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Two scrapes at nearly the same time would otherwise measure an instant.
_SHORTEST_SECONDS = 1.0


class CpuCores:
    """Processor cores that the process kept busy since it was last asked, user and system; safe for threads.

    Args:
        clock: seconds that never go back.
        cpu_seconds: processor time used so far.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, cpu_seconds: Callable[[], float] = time.process_time
    ) -> None:
        self._clock = clock
        self._cpu_seconds = cpu_seconds
        self._before = clock(), cpu_seconds()
        self._cores = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """The average since the call before, or that of the call before if it was within the last second."""
        with self._lock:
            now, used = self._clock(), self._cpu_seconds()
            then, used_then = self._before
            if now - then >= _SHORTEST_SECONDS:
                self._cores = (used - used_then) / (now - then)
                self._before = now, used
            return self._cores


def resident_bytes() -> float:
    """Memory of the process that is in RAM.

    >>> resident_bytes() > 1_000_000
    True
    """
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return float(int(pages) * os.sysconf("SC_PAGE_SIZE"))
