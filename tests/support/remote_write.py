"""Sending samples to a Prometheus' remote-write receiver (protocol 1.0)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import cramjam
import requests

if TYPE_CHECKING:
    from pronoia.series import SeriesFrame


def remote_write(url: str, frame: SeriesFrame) -> requests.Response:
    """Write all samples of a frame in one request; the status tells whether they were taken.

    Source of the format: https://prometheus.io/docs/specs/prw/remote_write_spec/
    """
    body = b"".join(
        _field(
            1,
            b"".join(_field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in labels.items())
            + b"".join(
                _field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _uvarint(at))
                for at, value in zip(times.tolist(), values.tolist(), strict=True)
            ),
        )
        for labels, times, values in frame
    )
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


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _uvarint(len(content)) + content


def _uvarint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
