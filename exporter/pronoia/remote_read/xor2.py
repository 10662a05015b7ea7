"""Decoding XOR2 chunks (encoding 4): one prefix for time and value, as prometheus/prometheus tsdb/chunkenc/xor2.go.

Start timestamps, where a chunk has them, are read and dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.remote_read.bits import peek_bits, peek_bits64, read_bits
from pronoia.remote_read.walk import keep
from pronoia.remote_read.wire import read_uvarint, to_int
from pronoia.remote_read.xor import read_count, read_first_sample, split_window
from pronoia.series.staleness import STALE_NAN_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.remote_read.walk import Walk

ENCODING = 4
HEADER_BYTES = 3
# What a sample's value does, whichever prefix says so.
SAME, REUSE_WINDOW, NEW_WINDOW, STALE = 0, 1, 2, 3


@compiled
def decode_xor2(buf: NDArray[np.uint8], start: int, end: int, walk: Walk, at: int) -> int:
    """Decode the chunk `buf[start:end]`, of at least HEADER_BYTES, into the walk's columns from index `at` on.

    Returns:
        the index after the last sample kept, or -1 if the bits end or contradict each other too early.
    """
    n = read_count(buf, start)
    if n == 0:
        return at
    start_times_from = int(buf[start + 2] & np.uint8(127))
    t, v, pos = read_first_sample(buf, start + HEADER_BYTES, end)
    if pos >= 0 and buf[start + 2] & np.uint8(128):
        _, pos = read_uvarint(buf, pos, end)
    if pos < 0:
        return -1
    at = keep(walk, at, t, v)
    # Changes are taken against the last value that was no staleness marker.
    baseline = np.uint64(0) if v == np.uint64(STALE_NAN_BITS) else v
    dt, bit = 0, pos * 8
    significant, trailing = np.uint64(64), np.uint64(0)
    for i in range(1, n):
        if i == 1:
            delta, pos = read_uvarint(buf, pos, end)
            if pos < 0:
                return -1
            dt = to_int(delta)
            kind, bit = _read_value_prefix(buf, pos * 8)
        else:
            dod, kind, bit = _read_joint_prefix(buf, bit)
            dt += dod
        t += dt
        if kind == NEW_WINDOW:
            significant, trailing = split_window(peek_bits(buf, bit))
            bit += 11
        if kind in (REUSE_WINDOW, NEW_WINDOW):
            baseline ^= read_bits(buf, bit, significant) << trailing
            bit += to_int(significant)
        if 0 < start_times_from <= i:
            bit = _skip_varbit_int(buf, bit)
        if bit > end * 8 or trailing > np.uint64(63):
            return -1
        at = keep(walk, at, t, np.uint64(STALE_NAN_BITS) if kind == STALE else baseline)
    return at


@compiled
def _read_joint_prefix(buf: NDArray[np.uint8], bit: int) -> tuple[int, int, int]:
    """Time and kind of value of a sample after the second, as (delta of delta, kind, next bit)."""
    word = peek_bits(buf, bit)
    if word >> np.uint64(63) == 0:
        return 0, SAME, bit + 1
    if word >> np.uint64(62) == 2:
        return 0, NEW_WINDOW if (word >> np.uint64(61)) & np.uint64(1) else REUSE_WINDOW, bit + 3
    if word >> np.uint64(59) == 31:
        return 0, STALE, bit + 5
    # The shift back of a signed word extends the sign: two's complement here, unlike XOR.
    if word >> np.uint64(61) == 6:
        dod, bit = to_int(word << np.uint64(3)) >> 51, bit + 16
    elif word >> np.uint64(60) == 14:
        dod, bit = to_int(word << np.uint64(4)) >> 44, bit + 24
    else:
        dod, bit = to_int(peek_bits64(buf, bit + 5)), bit + 69
    kind, bit = _read_value_prefix(buf, bit)
    return dod, kind, bit


@compiled
def _read_value_prefix(buf: NDArray[np.uint8], bit: int) -> tuple[int, int]:
    """Kind of value after an explicit time, as (kind, next bit)."""
    word = peek_bits(buf, bit)
    if word >> np.uint64(63) == 0:
        return SAME, bit + 1
    if word >> np.uint64(62) == 2:
        return REUSE_WINDOW, bit + 2
    return STALE if word >> np.uint64(61) == 7 else NEW_WINDOW, bit + 3


@compiled
def _skip_varbit_int(buf: NDArray[np.uint8], bit: int) -> int:
    """The bit after a varbit-int (varbit.go): up to eight ones tell the width of the number that follows."""
    word = peek_bits(buf, bit)
    widths = (0, 3, 6, 9, 12, 18, 25, 56, 64)
    ones = 0
    while ones < 8 and (word >> np.uint64(63 - ones)) & np.uint64(1):
        ones += 1
    return bit + min(ones + 1, 8) + widths[ones]
