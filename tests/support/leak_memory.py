"""A program that uses memory: `leak_memory.py START_MIB MIB_PER_SECOND`; it grows once a line comes on its input."""

from __future__ import annotations

import select
import sys
import time

_MIB = 2**20
_SLICE_SECONDS = 0.25


def leak(start_mib: float, mib_per_second: float) -> None:
    """Touch anonymous memory at an even pace until somebody ends it."""
    held = [bytearray(b"\x01") * int(start_mib * _MIB)]
    select.select([sys.stdin], [], [])
    began, n_bytes = time.monotonic(), 0
    while True:
        wanted = int((time.monotonic() - began) * mib_per_second * _MIB)
        held.append(bytearray(b"\x01") * (wanted - n_bytes))
        n_bytes = wanted
        time.sleep(_SLICE_SECONDS)


if __name__ == "__main__":
    leak(float(sys.argv[1]), float(sys.argv[2]))
