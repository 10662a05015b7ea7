"""Reading varints and protobuf fields from a byte array, in compiled code.

A position of -1 stands for "not possible within the bounds". Formats: https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

VARINT, FIXED64, SPAN, FIXED32 = 0, 1, 2, 5


def byte_view(body: bytes | bytearray | memoryview) -> NDArray[np.uint8]:
    """The body as a read-only uint8 array, not copied (one array type, so kernels compile once)."""
    view = np.frombuffer(body, dtype=np.uint8)
    view.flags.writeable = False
    return view


@compiled
def to_int(word: np.uint64) -> int:
    """The same 64 bits as a signed integer."""
    return int(np.int64(word))


@compiled
def load64_le(buf: NDArray[np.uint8], pos: int) -> np.uint64:
    """Eight bytes, little endian; the caller has checked that they are there."""
    # LLVM makes one load of this.
    word = np.uint64(0)
    at = np.uint64(pos)
    for i in range(8):
        word |= np.uint64(buf[at + np.uint64(i)]) << np.uint64(8 * i)
    return word


@compiled
def read_uvarint(buf: NDArray[np.uint8], pos: int, end: int) -> tuple[np.uint64, int]:
    """An unsigned varint at `pos`, as (value, next position)."""
    if pos < end and buf[pos] < 128:
        return np.uint64(buf[pos]), pos + 1
    value = np.uint64(0)
    for i in range(10):
        if pos + i >= end:
            return value, -1
        byte = buf[pos + i]
        if i == 9 and byte > 1:
            return value, -1
        value |= np.uint64(byte & np.uint8(127)) << np.uint64(7 * i)
        if byte < 128:
            return value, pos + i + 1
    return value, -1


@compiled
def read_zigzag(buf: NDArray[np.uint8], pos: int, end: int) -> tuple[int, int]:
    """A signed varint in zigzag form (Go's `binary.Varint`), as (value, next position)."""
    raw, pos = read_uvarint(buf, pos, end)
    return to_int(raw >> np.uint64(1)) ^ -to_int(raw & np.uint64(1)), pos


@compiled
def read_span(buf: NDArray[np.uint8], pos: int, end: int) -> tuple[int, int]:
    """A length-delimited field at `pos`, as (start, end) of its content."""
    length, start = read_uvarint(buf, pos, end)
    if start < 0 or length > np.uint64(end - start):
        return -1, -1
    return start, start + to_int(length)


@compiled
def read_field(buf: NDArray[np.uint8], pos: int, end: int) -> tuple[int, int, int, int]:
    """A whole field at `pos`, as (field number, wire type, where its content starts, next position).

    The content of a span starts at its length. The deprecated groups are refused.
    """
    tag, content = read_uvarint(buf, pos, end)
    if content < 0 or tag < np.uint64(8) or tag >= np.uint64(1 << 32):
        return 0, 0, 0, -1
    wire_type = to_int(tag & np.uint64(7))
    if wire_type == VARINT:
        _, stop = read_uvarint(buf, content, end)
    elif wire_type == SPAN:
        _, stop = read_span(buf, content, end)
    else:
        width = 8 if wire_type == FIXED64 else 4 if wire_type == FIXED32 else end + 1
        stop = content + width if content + width <= end else -1
    return to_int(tag >> np.uint64(3)), wire_type, content, stop
