"""Chunk messages: `Chunk { int64 min_time_ms = 1; int64 max_time_ms = 2; Encoding type = 3; bytes data = 4; }`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.remote_read import fault, xor, xor2
from pronoia.remote_read.walk import N_HISTOGRAMS, N_SAMPLES, fail
from pronoia.remote_read.wire import SPAN, VARINT, read_field, read_span, read_uvarint, to_int
from pronoia.remote_read.xor import decode_xor, read_count
from pronoia.remote_read.xor2 import decode_xor2

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.remote_read.walk import Walk

# Chunk.Encoding in prompb/types.proto.
XOR, HISTOGRAM, FLOAT_HISTOGRAM, XOR2, HISTOGRAM_ST, FLOAT_HISTOGRAM_ST = xor.ENCODING, 2, 3, xor2.ENCODING, 5, 6
XOR2_HEADER_BYTES = xor2.HEADER_BYTES
CHUNK, ENCODING, MESSAGE = fault.CHUNK, fault.ENCODING, fault.MESSAGE


@compiled
def walk_chunk(buf: NDArray[np.uint8], start: int, end: int, walk: Walk) -> bool:
    """Count or decode one Chunk message; False after a fault. Histogram samples are counted and passed over."""
    encoding, data, stop = _read_chunk(buf, start, end)
    if data < 0:
        return fail(walk, MESSAGE, start, 0)
    if encoding < XOR or encoding > FLOAT_HISTOGRAM_ST:
        return fail(walk, ENCODING, start, encoding)
    if stop - data < (XOR2_HEADER_BYTES if encoding == XOR2 else 2):
        return fail(walk, CHUNK, data, 0)
    n = read_count(buf, data)
    if encoding in (HISTOGRAM, FLOAT_HISTOGRAM):
        walk.progress[N_HISTOGRAMS] += n
    elif encoding in (HISTOGRAM_ST, FLOAT_HISTOGRAM_ST):
        # The two upper bits of the count are the counter reset hint there.
        walk.progress[N_HISTOGRAMS] += n & 0x3FFF
    elif n > 8 * (stop - data):
        # No sample takes less than a bit: a count like this would only make us allocate.
        return fail(walk, CHUNK, data, 0)
    elif len(walk.entries) == 0:
        walk.progress[N_SAMPLES] += n
    else:
        at = walk.progress[N_SAMPLES]
        after = decode_xor(buf, data, stop, walk, at) if encoding == XOR else decode_xor2(buf, data, stop, walk, at)
        if after < 0:
            return fail(walk, CHUNK, data, 0)
        walk.progress[N_SAMPLES] = after
    return True


@compiled
def _read_chunk(buf: NDArray[np.uint8], pos: int, end: int) -> tuple[int, int, int]:
    """The message's fields that matter, as (encoding, data start or -1 if malformed, data end)."""
    encoding, start, stop = 0, pos, pos
    while pos < end:
        field, wire_type, content, after = read_field(buf, pos, end)
        if after < 0:
            return 0, -1, -1
        if field == 3 and wire_type == VARINT:
            value, _ = read_uvarint(buf, content, end)
            encoding = to_int(value & np.uint64(0x7FFFFFFF))
        elif field == 4 and wire_type == SPAN:
            start, stop = read_span(buf, content, end)
        pos = after
    return encoding, start, stop
