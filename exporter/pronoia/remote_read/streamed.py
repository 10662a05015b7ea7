"""Decoding STREAMED_XOR_CHUNKS answers into a frame.

The body is a row of frames, `uvarint length | uint32 CRC-32C | ChunkedReadResponse`. Checksums are verified in the
first, counting pass. Source: prometheus/prometheus storage/remote/chunked.go, prompb/remote.proto.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.remote_read import fault
from pronoia.remote_read.assemble import count_then_decode
from pronoia.remote_read.chunk import walk_chunk
from pronoia.remote_read.crc32c import crc32c
from pronoia.remote_read.histograms import ignore_histograms
from pronoia.remote_read.walk import N_SAMPLES, Walk, end_entry, fail
from pronoia.remote_read.wire import SPAN, VARINT, byte_view, read_field, read_span, read_uvarint, to_int

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.remote_read.histograms import HistogramListener
    from pronoia.remote_read.limits import ReadLimits
    from pronoia.series import SeriesFrame, TimeRange

TRUNCATED, CHECKSUM, MESSAGE, FRAME_SIZE = fault.TRUNCATED, fault.CHECKSUM, fault.MESSAGE, fault.FRAME_SIZE


def decode_streamed(
    body: bytes | bytearray | memoryview,
    time_range: TimeRange,
    limits: ReadLimits,
    *,
    query_index: int = 0,
    on_histograms: HistogramListener = ignore_histograms,
) -> SeriesFrame:
    """The answer to one query as a frame; every checksum verified.

    Series that span frames are joined, overlapping chunks merged by timestamp (of two samples at one instant the
    later in the body stays), samples outside the range dropped. Staleness markers are kept. Series without a
    float sample in the range are left out.

    Args:
        body: all frames of the response.
        time_range: the range asked for; chunks often reach beyond it.
        limits: sizes that are checked before memory is taken.
        query_index: which query's answer to take, should the request have had several.
        on_histograms: told how many native histogram samples were left out.

    Raises:
        ResponseTooLarge: if a declared or counted size passes a limit.
        UnsupportedChunkEncoding: if a chunk's encoding is unknown; ask again for SAMPLES.
        DecodeError: if the bytes are anything but a whole and valid answer.
    """
    buf = byte_view(body)
    limits.check_body(len(buf))
    return count_then_decode(
        lambda walk: _walk_frames(buf, query_index, limits.max_frame_bytes, walk),
        buf,
        time_range,
        limits,
        on_histograms,
    )


@compiled
def _walk_frames(buf: NDArray[np.uint8], query_index: int, max_frame_bytes: int, walk: Walk) -> bool:
    """Count or decode all frames; False after a fault."""
    end = 0
    while end < len(buf):
        start, end = _open_frame(buf, end, max_frame_bytes, walk)
        if start < 0:
            return False
        index = _read_query_index(buf, start, end)
        if index < 0:
            return fail(walk, MESSAGE, start, 0)
        if index == query_index and not _walk_message(buf, start, end, walk):
            return False
    return True


@compiled
def _open_frame(buf: NDArray[np.uint8], pos: int, max_frame_bytes: int, walk: Walk) -> tuple[int, int]:
    """A frame's message as (start or -1 after a fault, end); the checksum is verified when counting."""
    length, start = read_uvarint(buf, pos, len(buf))
    if start >= 0 and length > np.uint64(max_frame_bytes):
        fail(walk, FRAME_SIZE, pos, to_int(min(length, np.uint64(1 << 62))))
        return -1, -1
    start, end = start + 4, start + 4 + to_int(length)
    if start < 4 or end > len(buf):
        fail(walk, TRUNCATED, pos, 0)
        return -1, -1
    if len(walk.entries) == 0 and crc32c(buf, start, end) != _read_checksum(buf, start - 4):
        fail(walk, CHECKSUM, pos, 0)
        return -1, -1
    return start, end


@compiled
def _read_checksum(buf: NDArray[np.uint8], pos: int) -> np.uint32:
    checksum = np.uint32(0)
    for i in range(4):
        checksum = np.uint32((checksum << np.uint32(8)) | np.uint32(buf[pos + i]))
    return checksum


@compiled
def _read_query_index(buf: NDArray[np.uint8], pos: int, end: int) -> int:
    """The `query_index` of a ChunkedReadResponse, which may stand after the series; -1 if malformed."""
    index = 0
    while pos < end:
        field, wire_type, content, pos = read_field(buf, pos, end)
        if pos < 0:
            return -1
        if field == 2 and wire_type == VARINT:
            value, _ = read_uvarint(buf, content, end)
            index = to_int(value & np.uint64((1 << 62) - 1))
    return index


@compiled
def _walk_message(buf: NDArray[np.uint8], pos: int, end: int, walk: Walk) -> bool:
    """All ChunkedSeries of a ChunkedReadResponse known to be well-formed at its own level."""
    while pos < end:
        field, wire_type, content, pos = read_field(buf, pos, end)
        if field == 1 and wire_type == SPAN:
            start, _ = read_span(buf, content, end)
            if not _walk_series(buf, start, pos, walk):
                return False
    return True


@compiled
def _walk_series(buf: NDArray[np.uint8], start: int, end: int, walk: Walk) -> bool:
    """One ChunkedSeries."""
    labels_end, pos, first_sample = start, start, walk.progress[N_SAMPLES]
    while pos < end:
        field, wire_type, content, after = read_field(buf, pos, end)
        if after < 0:
            return fail(walk, MESSAGE, pos, 0)
        pos = after
        if field == 1 and wire_type == SPAN:
            labels_end = after
        elif field == 2 and wire_type == SPAN:
            chunk_start, _ = read_span(buf, content, end)
            if not walk_chunk(buf, chunk_start, after, walk):
                return False
    end_entry(walk, start, labels_end, first_sample)
    return True
