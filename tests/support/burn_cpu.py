"""A program that uses CPU time by a schedule: `burn_cpu.py [[seconds, begin, end], ...] LIMIT_CORES`.

It stays at the schedule's first value until a line comes on its standard input.
"""

from __future__ import annotations

import json
import select
import sys
import time

_SLICE_SECONDS = 0.05
# How much load that could not be had in time is caught up with.
_MOST_OWED_SECONDS = 0.1


def burn(schedule: list[list[float]], limit_cores: float) -> None:
    """Use CPU time as scheduled, for ever; time lost to others is caught up with for a moment only."""
    whole = sum(seconds for seconds, _, _ in schedule)
    slice_start, started = time.monotonic(), None
    used, owed = time.process_time(), 0.0
    while True:
        if started is None and select.select([sys.stdin], [], [], 0.0)[0]:
            started = slice_start
        at = 0.0 if started is None else (slice_start - started) % whole
        share = 0.0
        for seconds, begin, end in schedule:
            if at < seconds:
                share = begin + (end - begin) * at / seconds
                break
            at -= seconds
        now_used = time.process_time()
        owed = min(owed - (now_used - used), _MOST_OWED_SECONDS) + share * limit_cores * _SLICE_SECONDS
        used, stop = now_used, now_used + owed
        while time.process_time() < stop:
            pass
        # What others took the time for is left out: the schedule goes by the clock.
        slice_start = max(slice_start + _SLICE_SECONDS, time.monotonic())
        time.sleep(max(slice_start - time.monotonic(), 0.0))


if __name__ == "__main__":
    burn(json.loads(sys.argv[1]), float(sys.argv[2]))
