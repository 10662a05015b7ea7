"""Decoding SAMPLES answers into a frame: a snappy block of one ReadResponse.

Source: prometheus/prometheus prompb/remote.proto, prompb/types.proto.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.remote_read import fault, snappy
from pronoia.remote_read.assemble import count_then_decode
from pronoia.remote_read.histograms import ignore_histograms
from pronoia.remote_read.walk import N_HISTOGRAMS, N_SAMPLES, Walk, end_entry, fail, keep
from pronoia.remote_read.wire import (
    FIXED64,
    SPAN,
    VARINT,
    byte_view,
    load64_le,
    read_field,
    read_span,
    read_uvarint,
    to_int,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.remote_read.histograms import HistogramListener
    from pronoia.remote_read.limits import ReadLimits
    from pronoia.series import SeriesFrame, TimeRange

MESSAGE = fault.MESSAGE
#: Field numbers of TimeSeries.
LABEL, SAMPLE, HISTOGRAM = 1, 2, 4
#: `12 10 | 09 <8 bytes of value> | 10 <6 bytes of time>`
USUAL_SAMPLE_BYTES = 18


def decode_samples(
    body: bytes | bytearray | memoryview,
    time_range: TimeRange,
    limits: ReadLimits,
    *,
    query_index: int = 0,
    on_histograms: HistogramListener = ignore_histograms,
) -> SeriesFrame:
    """The answer to one query as a frame.

    Samples outside the range are dropped, staleness markers kept, series without a float sample left out. A minus
    zero may have lost its sign: Prometheus sends nothing for a value that equals zero.

    Args:
        body: the response's body, still compressed.
        time_range: the range asked for.
        limits: sizes that are checked before memory is taken.
        query_index: which query's answer to take, should the request have had several.
        on_histograms: told how many native histogram samples were left out.

    Raises:
        ResponseTooLarge: if a declared or counted size passes a limit.
        DecodeError: if the bytes are anything but a valid answer.
    """
    limits.check_body(len(body))
    buf = byte_view(snappy.decompress(body, limits.max_decompressed_bytes, "the decompressed remote-read answer"))
    return count_then_decode(lambda walk: _walk_results(buf, query_index, walk), buf, time_range, limits, on_histograms)


@compiled
def _walk_results(buf: NDArray[np.uint8], query_index: int, walk: Walk) -> bool:
    """Count or decode the QueryResult of one query; False after a fault."""
    pos, index = 0, 0
    while pos < len(buf):
        field, wire_type, content, after = read_field(buf, pos, len(buf))
        if after < 0:
            return fail(walk, MESSAGE, pos, 0)
        pos = after
        if field == 1 and wire_type == SPAN:
            start, _ = read_span(buf, content, after)
            if index == query_index and not _walk_result(buf, start, after, walk):
                return False
            index += 1
    return True


@compiled
def _walk_result(buf: NDArray[np.uint8], pos: int, end: int, walk: Walk) -> bool:
    """All TimeSeries of a QueryResult."""
    while pos < end:
        field, wire_type, content, after = read_field(buf, pos, end)
        if after < 0:
            return fail(walk, MESSAGE, pos, 0)
        pos = after
        if field == 1 and wire_type == SPAN:
            start, _ = read_span(buf, content, after)
            if not _walk_series(buf, start, after, walk):
                return False
    return True


@compiled
def _walk_series(buf: NDArray[np.uint8], start: int, end: int, walk: Walk) -> bool:
    """One TimeSeries."""
    first_sample = walk.progress[N_SAMPLES]
    counting = len(walk.entries) == 0
    labels_end, pos, at = start, start, first_sample
    while pos < end:
        if pos + USUAL_SAMPLE_BYTES <= end and _is_usual_sample(buf, pos):
            if counting:
                at += 1
            else:
                at = keep(walk, at, _compact_varint(load64_le(buf, pos + 10) >> np.uint64(16)), load64_le(buf, pos + 3))
            pos += USUAL_SAMPLE_BYTES
            continue
        field, wire_type, content, after = read_field(buf, pos, end)
        if after < 0:
            return fail(walk, MESSAGE, pos, 0)
        if field == LABEL and wire_type == SPAN:
            labels_end = after
        elif field == HISTOGRAM and wire_type == SPAN:
            walk.progress[N_HISTOGRAMS] += 1
        elif field == SAMPLE and wire_type == SPAN:
            valid, timestamp_ms, value_bits = _read_sample(buf, content, after)
            if not valid:
                return fail(walk, MESSAGE, pos, 0)
            at = at + 1 if counting else keep(walk, at, timestamp_ms, value_bits)
        pos = after
    walk.progress[N_SAMPLES] = at
    end_entry(walk, start, labels_end, first_sample)
    return True


@compiled
def _is_usual_sample(buf: NDArray[np.uint8], pos: int) -> bool:
    """Whether a sample with a value other than zero and a time of six varint bytes (years 2004 to 2109) is here."""
    time_bytes = load64_le(buf, pos + 10) >> np.uint64(16)
    return bool(
        load64_le(buf, pos) & np.uint64(0xFFFFFF) == np.uint64(0x091012)
        and buf[pos + 11] == 2 << 3
        # Only the last of six bytes says that no more follow.
        and time_bytes & np.uint64(0x808080808080) == np.uint64(0x008080808080)
    )


@compiled
def _compact_varint(word: np.uint64) -> int:
    """The number in the lower six bytes, a varint."""
    value = np.uint64(0)
    for i in range(6):
        value |= ((word >> np.uint64(8 * i)) & np.uint64(127)) << np.uint64(7 * i)
    return to_int(value)


@compiled
def _read_sample(buf: NDArray[np.uint8], pos: int, end: int) -> tuple[bool, int, np.uint64]:
    """A Sample field from its length on, as (valid, timestamp, bits of the value); what is left out is zero."""
    timestamp_ms, value_bits = 0, np.uint64(0)
    pos, _ = read_span(buf, pos, end)
    while pos < end:
        field, wire_type, content, pos = read_field(buf, pos, end)
        if pos < 0:
            return False, timestamp_ms, value_bits
        if field == 1 and wire_type == FIXED64:
            value_bits = load64_le(buf, content)
        elif field == 2 and wire_type == VARINT:
            value, _ = read_uvarint(buf, content, end)
            timestamp_ms = to_int(value)
    return True, timestamp_ms, value_bits
