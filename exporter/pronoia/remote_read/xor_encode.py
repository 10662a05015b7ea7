"""Encoding XOR chunks (encoding 1), as prometheus/prometheus tsdb/chunkenc/xor.go appends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Samples per chunk, as in Prometheus' TSDB.
CHUNK_SAMPLES = 120
# Two bytes of n, ten of t0, eight of v0, ten of dt; a later sample takes at most 68 bits of time and 77 of value.
MAX_CHUNK_BYTES = 2 + 10 + 8 + 10 + (CHUNK_SAMPLES * (68 + 77)) // 8 + 8


@compiled
def leading_zeros(word: np.uint64) -> int:
    """Zero bits above the highest one bit, 64 for zero."""
    if word == 0:
        return 64
    zeros = 0
    for width in (32, 16, 8, 4, 2, 1):
        if word >> np.uint64(64 - width) == 0:
            zeros += width
            word <<= np.uint64(width)
    return zeros


@compiled
def trailing_zeros(word: np.uint64) -> int:
    """Zero bits below the lowest one bit, 64 for zero."""
    return 63 - leading_zeros(word & (~word + np.uint64(1))) if word else 64


@compiled
def put_bits(out: NDArray[np.uint8], bit: int, word: np.uint64, width: int) -> int:
    """Write the lower `width` bits at bit position `bit` of a zeroed buffer; returns the next position."""
    while width > 0:
        room = 8 - (bit & 7)
        take = min(room, width)
        piece = (word >> np.uint64(width - take)) & np.uint64((1 << take) - 1)
        out[bit >> 3] |= np.uint8(piece << np.uint64(room - take))
        bit += take
        width -= take
    return bit


@compiled
def put_uvarint(out: NDArray[np.uint8], bit: int, value: np.uint64) -> int:
    """Write an unsigned varint at a byte-aligned bit position; returns the next position."""
    while value >= 128:
        bit = put_bits(out, bit, (value & np.uint64(127)) | np.uint64(128), 8)
        value >>= np.uint64(7)
    return put_bits(out, bit, value, 8)


@compiled
def put_zigzag(out: NDArray[np.uint8], bit: int, value: int) -> int:
    """Write a signed varint in zigzag form at a byte-aligned bit position; returns the next position."""
    return put_uvarint(out, bit, np.uint64(value << 1) ^ np.uint64(value >> 63))


@compiled
def _put_time(out: NDArray[np.uint8], bit: int, dod: int) -> int:
    if dod == 0:
        return put_bits(out, bit, np.uint64(0), 1)
    for ones in range(1, 4):
        width = 11 + 3 * ones
        if -((1 << (width - 1)) - 1) <= dod <= 1 << (width - 1):
            bit = put_bits(out, bit, np.uint64((1 << (ones + 1)) - 2), ones + 1)
            return put_bits(out, bit, np.uint64(dod), width)
    bit = put_bits(out, bit, np.uint64(15), 4)
    return put_bits(out, bit, np.uint64(dod), 64)


@compiled
def encode_xor(
    timestamps_ms: NDArray[np.int64], value_bits: NDArray[np.uint64], start: int, end: int, out: NDArray[np.uint8]
) -> int:
    """Encode samples `start:end`, at most CHUNK_SAMPLES, into `out` (MAX_CHUNK_BYTES); returns the bytes used."""
    out[:] = 0
    bit = put_bits(out, 0, np.uint64(end - start), 16)
    if end == start:
        return 2
    bit = put_zigzag(out, bit, timestamps_ms[start])
    bit = put_bits(out, bit, value_bits[start], 64)
    dt = np.int64(0)
    leading, trailing = 64, 0
    for i in range(start + 1, end):
        previous_dt = dt
        dt = timestamps_ms[i] - timestamps_ms[i - 1]
        bit = put_uvarint(out, bit, np.uint64(dt)) if i == start + 1 else _put_time(out, bit, dt - previous_dt)
        change = value_bits[i] ^ value_bits[i - 1]
        if change == 0:
            bit = put_bits(out, bit, np.uint64(0), 1)
            continue
        zeros_above, zeros_below = min(leading_zeros(change), 31), trailing_zeros(change)
        if zeros_above >= leading and zeros_below >= trailing:
            bit = put_bits(out, bit, np.uint64(2), 2)
        else:
            leading, trailing = zeros_above, zeros_below
            bit = put_bits(out, bit, np.uint64(3), 2)
            bit = put_bits(out, bit, np.uint64(leading), 5)
            bit = put_bits(out, bit, np.uint64(64 - leading - trailing) & np.uint64(63), 6)
        bit = put_bits(out, bit, change >> np.uint64(trailing), 64 - leading - trailing)
    return (bit + 7) >> 3
