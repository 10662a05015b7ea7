"""Encoding a frame as a STREAMED_XOR_CHUNKS answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.remote_read import protobuf, xor
from pronoia.remote_read.crc32c import crc32c
from pronoia.remote_read.labels import encode_labels
from pronoia.remote_read.limits import MIB
from pronoia.remote_read.wire import byte_view
from pronoia.remote_read.xor_encode import CHUNK_SAMPLES, MAX_CHUNK_BYTES, encode_xor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pronoia.series import SeriesFrame


def encode_streamed(frame: SeriesFrame, query_index: int = 0, max_frame_bytes: int = MIB) -> Iterator[bytes]:
    """The frames of one query's answer, one after the other; series sorted by their labels, as clients expect.

    Args:
        frame: what the query found.
        query_index: the query's place in the request.
        max_frame_bytes: a series is continued in another frame when its message passes this size (a single chunk
            is never split).

    Yields:
        one frame each: length, checksum and message.
    """
    value_bits = frame.values.view(np.uint64)
    for i in sorted(range(frame.n_series), key=frame.labels.__getitem__):
        labels = encode_labels(frame.labels[i])
        message = bytearray(labels)
        for chunk in _chunks(frame.timestamps_ms, value_bits, int(frame.indptr[i]), int(frame.indptr[i + 1])):
            if len(message) > len(labels) and len(message) + len(chunk) > max_frame_bytes:
                yield _seal(message, query_index)
                message = bytearray(labels)
            message += chunk
        if len(message) > len(labels):
            yield _seal(message, query_index)


def seal(message: bytes) -> bytes:
    """A frame: length, checksum and the message itself."""
    checksum = int(crc32c(byte_view(message), 0, len(message)))
    return protobuf.uvarint(len(message)) + checksum.to_bytes(4, "big") + message


def _seal(series: bytearray, query_index: int) -> bytes:
    return seal(protobuf.span(1, bytes(series)) + protobuf.number(2, query_index))


def _chunks(timestamps_ms: NDArray[np.int64], value_bits: NDArray[np.uint64], start: int, end: int) -> Iterator[bytes]:
    """The samples `start:end` as chunk fields of a ChunkedSeries."""
    out = np.empty(MAX_CHUNK_BYTES, np.uint8)
    for first in range(start, end, CHUNK_SAMPLES):
        stop = min(first + CHUNK_SAMPLES, end)
        n_bytes = encode_xor(timestamps_ms, value_bits, first, stop, out)
        yield protobuf.span(
            2,
            protobuf.number(1, int(timestamps_ms[first]))
            + protobuf.number(2, int(timestamps_ms[stop - 1]))
            + protobuf.number(3, xor.ENCODING)
            + protobuf.span(4, out[:n_bytes].tobytes()),
        )
