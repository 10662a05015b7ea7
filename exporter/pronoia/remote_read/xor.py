"""Decoding XOR chunks (encoding 1): Gorilla compression as in prometheus/prometheus tsdb/chunkenc/xor.go.

`uint16 n | varint t0 | 64 bits v0 | uvarint dt, value | (delta of delta, value)*`, bits from the most significant on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.remote_read.bits import load64, peek_bits, peek_bits64
from pronoia.remote_read.walk import keep
from pronoia.remote_read.wire import read_uvarint, read_zigzag, to_int

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.remote_read.walk import Walk

ENCODING = 1
HEADER_BYTES = 2


@compiled
def decode_xor(  # noqa: PLR0912 a quarter slower when taken apart
    buf: NDArray[np.uint8], start: int, end: int, walk: Walk, at: int
) -> int:
    """Decode the chunk `buf[start:end]`, of at least HEADER_BYTES, into the walk's columns from index `at` on.

    Returns:
        the index after the last sample kept, or -1 if the bits end or contradict each other too early.
    """
    n = read_count(buf, start)
    if n == 0:
        return at
    t, v, pos = read_first_sample(buf, start + HEADER_BYTES, end)
    if pos < 0:
        return -1
    at = keep(walk, at, t, v)
    dt, bit = 0, pos * 8
    significant, trailing = np.uint64(64), np.uint64(0)
    for i in range(1, n):
        if i == 1:
            delta, pos = read_uvarint(buf, pos, end)
            if pos < 0:
                return -1
            dt, bit = to_int(delta), pos * 8
            word = peek_bits(buf, bit)
        else:
            word = peek_bits(buf, bit)
            if word >> np.uint64(63) == 0:
                # As long after the sample before as that was after its own: the most frequent case by far.
                bit, word = bit + 1, word << np.uint64(1)
            else:
                dod, bit = _read_dod(buf, bit, word)
                dt += dod
                word = peek_bits(buf, bit)
        t += dt
        if word >> np.uint64(63) == 0:
            bit += 1
        else:
            if word >> np.uint64(62) == 3:
                significant, trailing = split_window(word << np.uint64(2))
                bit += 13
            else:
                bit += 2
            # Most values differ in fewer bits than one load yields. (`read_bits` here is a third slower.)
            word = peek_bits(buf, bit) if significant <= np.uint64(57) else peek_bits64(buf, bit)
            v ^= (word >> (np.uint64(64) - significant)) << trailing
            bit += to_int(significant)
        if bit > end * 8 or trailing > np.uint64(63):
            return -1
        at = keep(walk, at, t, v)
    return at


@compiled
def read_count(buf: NDArray[np.uint8], start: int) -> int:
    """The number of samples a chunk declares in its first two bytes."""
    return int(buf[start]) << 8 | int(buf[start + 1])


@compiled
def read_first_sample(buf: NDArray[np.uint8], pos: int, end: int) -> tuple[int, np.uint64, int]:
    """Time and value in full, as (timestamp, value's bits, next position or -1)."""
    t, pos = read_zigzag(buf, pos, end)
    if pos < 0 or pos + 8 > end:
        return 0, np.uint64(0), -1
    return t, load64(buf, pos), pos + 8


@compiled
def split_window(word: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The upper 11 bits as a new window: (significant bits 1-64, trailing zeros; above 63 if contradictory)."""
    leading = word >> np.uint64(59)
    significant = (word << np.uint64(5)) >> np.uint64(58)
    if significant == 0:
        significant = np.uint64(64)
    return significant, np.uint64(64) - leading - significant


@compiled
def _read_dod(buf: NDArray[np.uint8], bit: int, word: np.uint64) -> tuple[int, int]:
    """A delta of delta that is not zero and begins with the bits of `word`, as (value, next bit)."""
    if word >> np.uint64(60) == 15:
        return to_int(peek_bits64(buf, bit + 4)), bit + 68
    ones = 1 + int(word >> np.uint64(62) == 3) + int(word >> np.uint64(61) == 7)
    width = 11 + 3 * ones
    dod = to_int((word << np.uint64(ones + 1)) >> np.uint64(64 - width))
    bit += ones + 1 + width
    # Exactly half the range is positive here, unlike in two's complement (xor.go, bitRange).
    return dod - (1 << width) if dod > 1 << (width - 1) else dod, bit
