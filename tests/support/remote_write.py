"""Sending samples to a Prometheus' remote-write receiver (protocol 1.0)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import cramjam
import requests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pronoia.series import LabelSet, SeriesFrame


def remote_write(url: str, frame: SeriesFrame) -> requests.Response:
    """Write all samples of a frame in one request; the status tells whether they were taken.

    Source of the format: https://prometheus.io/docs/specs/prw/remote_write_spec/
    """
    body = b"".join(
        _field(
            1,
            _labels(labels)
            + b"".join(
                _field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _uvarint(at))
                for at, value in zip(times.tolist(), values.tolist(), strict=True)
            ),
        )
        for labels, times, values in frame
    )
    return _post(url, body)


def remote_write_histograms(url: str, labels: LabelSet, times_ms: Iterable[int]) -> requests.Response:
    """Write samples of one native histogram with a single bucket, in which one more observation lies each time.

    Source of the format: prometheus/prometheus prompb/types.proto, message Histogram.
    """
    samples = b"".join(
        _field(
            4,
            b"\x08" + _uvarint(count)  # count_int
            + b"\x19" + struct.pack("<d", float(count))  # sum
            + b"\x20\x00"  # schema 0
            + b"\x29" + struct.pack("<d", 1e-128)  # zero_threshold
            + b"\x30\x00"  # zero_count_int
            + _field(11, b"\x08\x00\x10\x01")  # positive_spans: one bucket at offset 0
            + _field(12, _uvarint(2 * count))  # positive_deltas, zigzag
            + b"\x78" + _uvarint(at),  # timestamp
        )
        for count, at in enumerate(times_ms, 1)
    )  # fmt: skip
    return _post(url, _field(1, _labels(labels) + samples))


def _post(url: str, body: bytes) -> requests.Response:
    return requests.post(
        f"{url}/api/v1/write",
        data=bytes(cramjam.snappy.compress_raw(body)),
        headers={
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        },
        timeout=30,
    )


def _labels(labels: LabelSet) -> bytes:
    return b"".join(_field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in labels.items())


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _uvarint(len(content)) + content


def _uvarint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
