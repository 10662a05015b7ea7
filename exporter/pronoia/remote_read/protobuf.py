"""The protobuf wire format for small messages, in plain Python.

Source: https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import DecodeError
from pronoia.remote_read.wire import FIXED32, FIXED64, SPAN, VARINT

if TYPE_CHECKING:
    from collections.abc import Iterator


_MASK64 = (1 << 64) - 1


def uvarint(value: int) -> bytes:
    """An unsigned varint; negative numbers are taken as their 64-bit two's complement.

    >>> uvarint(300).hex()
    'ac02'
    """
    value &= _MASK64
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """An integer, enum or bool field; zero, the default, takes no bytes."""
    return uvarint(field << 3 | VARINT) + uvarint(value) if value else b""


def span(field: int, content: bytes) -> bytes:
    """A string, bytes or message field."""
    return uvarint(field << 3 | SPAN) + uvarint(len(content)) + content


def read_uvarint(message: bytes, pos: int) -> tuple[int, int]:
    """An unsigned varint at `pos`, as (value, next position).

    Raises:
        DecodeError: if the message ends first, or the number takes more than 64 bits.
    """
    value = 0
    for i, byte in enumerate(message[pos : pos + 10]):
        value |= (byte & 127) << 7 * i
        if byte < 128:
            if value > _MASK64:
                break
            return value, pos + i + 1
    raise DecodeError("not a valid varint", pos)


def signed(value: int) -> int:
    """An int64 field's number from its varint.

    >>> signed(2**64 - 1)
    -1
    """
    return value - (1 << 64) if value >> 63 else value


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Every field as (field number, content): an int for varints, else the bytes.

    Raises:
        DecodeError: if the message is malformed.
    """
    pos = 0
    while pos < len(message):
        start = pos
        tag, pos = read_uvarint(message, pos)
        field, wire_type = tag >> 3, tag & 7
        if wire_type == VARINT and field:
            value, pos = read_uvarint(message, pos)
            yield field, value
            continue
        if wire_type == SPAN:
            length, pos = read_uvarint(message, pos)
        else:
            length = {FIXED64: 8, FIXED32: 4}.get(wire_type, -1)
        if field == 0 or length < 0 or pos + length > len(message):
            raise DecodeError("not a valid protobuf message", start)
        yield field, message[pos : pos + length]
        pos += length
