"""Encoding frames as a SAMPLES answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.remote_read import protobuf, snappy
from pronoia.remote_read.labels import encode_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.series import SeriesFrame

# Tag and length, tag and eight bytes of value, tag and up to ten bytes of time.
MAX_SAMPLE_BYTES = 2 + 9 + 11


def encode_samples(frames: Sequence[SeriesFrame]) -> bytes:
    """A snappy block of one ReadResponse: one result per frame, in the order of the request's queries."""
    return snappy.compress(b"".join(protobuf.span(1, _result(frame)) for frame in frames))


def _result(frame: SeriesFrame) -> bytes:
    value_bits = frame.values.view(np.uint64)
    longest = int(np.diff(frame.indptr).max(initial=0))
    out = np.empty(longest * MAX_SAMPLE_BYTES, np.uint8)
    series = []
    for i in sorted(range(frame.n_series), key=frame.labels.__getitem__):
        n_bytes = _encode(frame.timestamps_ms, value_bits, int(frame.indptr[i]), int(frame.indptr[i + 1]), out)
        series.append(protobuf.span(1, encode_labels(frame.labels[i]) + out[:n_bytes].tobytes()))
    return b"".join(series)


@compiled
def _encode(
    timestamps_ms: NDArray[np.int64], value_bits: NDArray[np.uint64], start: int, end: int, out: NDArray[np.uint8]
) -> int:
    """Write samples `start:end` as fields 2 of a TimeSeries; a zero is left out, as proto3 does."""
    pos = 0
    for i in range(start, end):
        head = pos
        out[pos] = 2 << 3 | 2
        pos += 2
        if value_bits[i]:
            out[pos] = 1 << 3 | 1
            for k in range(8):
                out[pos + 1 + k] = np.uint8((value_bits[i] >> np.uint64(8 * k)) & np.uint64(255))
            pos += 9
        rest = np.uint64(timestamps_ms[i])
        if rest:
            out[pos] = 2 << 3
            pos += 1
            while rest >= 128:
                out[pos] = np.uint8((rest & np.uint64(127)) | np.uint64(128))
                rest >>= np.uint64(7)
                pos += 1
            out[pos] = np.uint8(rest)
            pos += 1
        out[head + 1] = np.uint8(pos - head - 2)
    return pos
