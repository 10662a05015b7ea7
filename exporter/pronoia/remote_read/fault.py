"""What can be wrong with received bytes, as numbers that compiled code can store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import DecodeError, ResponseTooLarge, UnsupportedChunkEncoding
from pronoia.remote_read.walk import DETAIL, FAULT, OFFSET

if TYPE_CHECKING:
    from pronoia.remote_read.walk import Walk

TRUNCATED, CHECKSUM, MESSAGE, CHUNK, ENCODING, FRAME_SIZE = 1, 2, 3, 4, 5, 6

REASONS = {
    TRUNCATED: "the answer ends in the middle of a frame",
    CHECKSUM: "a frame's CRC-32C does not match its data",
    MESSAGE: "not a valid protobuf message of this type",
    CHUNK: "a chunk's bits end or contradict each other before its last sample",
}


def check(walk: Walk, max_frame_bytes: int = 0) -> None:
    """Raise if the pass ended early.

    Raises:
        UnsupportedChunkEncoding: for an encoding this decoder does not know.
        ResponseTooLarge: for a frame that declares more than `max_frame_bytes`.
        DecodeError: for every other fault.
    """
    fault, offset, detail = (int(walk.progress[slot]) for slot in (FAULT, OFFSET, DETAIL))
    if fault == ENCODING:
        raise UnsupportedChunkEncoding(detail, offset)
    if fault == FRAME_SIZE:
        raise ResponseTooLarge(f"the frame at byte {offset}", detail, max_frame_bytes)
    if fault:
        raise DecodeError(REASONS[fault], offset)
