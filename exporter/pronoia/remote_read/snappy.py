"""Snappy's block format with the declared length checked before anything is allocated (CVE-2026-42154).

Format: https://github.com/google/snappy/blob/main/format_description.txt
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cramjam

from pronoia.errors import DecodeError, ResponseTooLarge
from pronoia.remote_read.protobuf import read_uvarint

if TYPE_CHECKING:
    from typing import Any

#: A copy of three bytes yields at most 64: no valid block declares more than this many bytes per byte of its own.
MAX_EXPANSION = 22


def compress(content: bytes | bytearray) -> bytes:
    """One snappy block."""
    return bytes(cramjam.snappy.compress_raw(content))


def decompress(block: bytes | bytearray | memoryview, max_bytes: int, what: str) -> Any:
    """The content of a block, as a buffer of bytes.

    Args:
        block: as received.
        max_bytes: largest content accepted.
        what: what the content is, for the error message.

    Raises:
        DecodeError: if the block declares more than it can hold, or is not valid snappy.
        ResponseTooLarge: if the declared length passes the limit.
    """
    declared, _ = read_uvarint(bytes(block[:10]), 0)
    # A lie is damage, and says nothing of how much there is; only a length that may be true is too large.
    if declared > MAX_EXPANSION * len(block):
        raise DecodeError(f"snappy block of {len(block)} bytes declares {declared} bytes of content", 0)
    if declared > max_bytes:
        raise ResponseTooLarge(what, declared, max_bytes)
    try:
        return cramjam.snappy.decompress_raw(block)
    except cramjam.DecompressionError as error:
        raise DecodeError(f"not a valid snappy block: {error}", 0) from error
