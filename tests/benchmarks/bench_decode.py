"""Decoding remote-read answers, without any server: both response types, against plain Python.

1,000 series, 24 hours at 15 seconds, 5.76 million samples: random walks rounded to thousandths, as gauges often are,
and the same with noise in every bit of the mantissa. The plain decoders do what a first implementation does, a bit or
a field at a time, on some of the series; their rate is per sample, so the ratio stands for all. One thread, and its
processor time counts, so that other work on the machine does not.
"""

from __future__ import annotations

import statistics
import struct
import time
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from pronoia.remote_read import protobuf, snappy
from pronoia.remote_read.codec import ReadLimits, decode_samples, decode_streamed, encode_samples, encode_streamed
from pronoia.series import LabelSet, SeriesFrame, TimeRange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

N_SERIES = 1_000
N_STEPS = 5_760
STEP_MS = 15_000
START_MS = 1_760_000_000_000
RANGE = TimeRange(START_MS, START_MS + N_STEPS * STEP_MS)
LIMITS = ReadLimits()
N_RUNS = 9
N_PLAIN_SERIES = 10


def walks(*, decimals: int | None) -> SeriesFrame:
    """Random walks on a regular step."""
    rng = np.random.default_rng(1)
    values = 50 + np.cumsum(rng.normal(scale=0.3, size=(N_SERIES, N_STEPS)), axis=1)
    values = values if decimals is None else np.round(values, decimals)
    times = START_MS + STEP_MS * np.arange(N_STEPS, dtype=np.int64)
    labels = [
        LabelSet({"__name__": "gauge", "instance": f"node{i:04d}:9100", "job": "node", "mode": "idle"})
        for i in range(N_SERIES)
    ]
    return SeriesFrame.from_series(dict(zip(labels, ((times, row) for row in values), strict=True)))


def plain_streamed(body: bytes) -> list[tuple[int, float]]:
    """All samples of a streamed answer; checksums are not even looked at."""
    samples, pos = [], 0
    while pos < len(body):
        length, pos = protobuf.read_uvarint(body, pos)
        message = body[pos + 4 : pos + 4 + length]
        pos += 4 + length
        for series in _messages(message, 1):
            for chunk in _messages(series, 2):
                samples += _plain_xor(next(_messages(chunk, 4)))
    return samples


def plain_samples(body: bytes) -> list[tuple[int, float]]:
    """All samples of a SAMPLES answer."""
    samples = []
    message = bytes(snappy.decompress(body, LIMITS.max_decompressed_bytes, "the answer"))
    for result in _messages(message, 1):
        for series in _messages(result, 1):
            for sample in _messages(series, 2):
                fields = dict(protobuf.fields(sample))
                value = fields.get(1, bytes(8))
                samples.append((int(fields.get(2, 0)), struct.unpack("<d", value)[0]))
    return samples


def _messages(message: bytes, wanted: int) -> Iterator[bytes]:
    return (content for field, content in protobuf.fields(message) if field == wanted and isinstance(content, bytes))


def _plain_xor(data: bytes) -> list[tuple[int, float]]:
    n = int.from_bytes(data[:2], "big")
    zigzag, pos = protobuf.read_uvarint(data, 2)
    t, v = zigzag >> 1 ^ -(zigzag & 1), int.from_bytes(data[pos : pos + 8], "big")
    dt, pos = protobuf.read_uvarint(data, pos + 8)
    whole, left = int.from_bytes(data, "big"), (len(data) - pos) * 8

    def take(width: int) -> int:
        nonlocal left
        left -= width
        return whole >> left & (1 << width) - 1

    samples = [(t, v)]
    significant = trailing = 0
    for i in range(1, n):
        if i > 1:
            ones = 0
            while ones < 4 and take(1):
                ones += 1
            width = (0, 14, 17, 20, 64)[ones]
            dod = take(width)
            dt += dod - (1 << width) if width and dod > 1 << width - 1 else dod
        t += dt
        if take(1):
            if take(1):
                leading, significant = take(5), take(6) or 64
                trailing = 64 - leading - significant
            v ^= take(significant) << trailing
        samples.append((t, v))
    return [(time_ms, struct.unpack("<d", struct.pack("<Q", bits))[0]) for time_ms, bits in samples]


def rate(decode: Callable[[], object], n_samples: int, n_runs: int) -> tuple[float, float]:
    """Million samples per second of processor time, as (median, best) over the runs."""
    seconds = []
    for _ in range(n_runs):
        start = time.thread_time()
        decode()
        seconds.append(time.thread_time() - start)
    return n_samples / statistics.median(seconds) / 1e6, n_samples / min(seconds) / 1e6


def main() -> None:
    """Print the table."""
    table = Table(title=f"decoding {N_SERIES * N_STEPS / 1e6:.2f} M samples on one core")
    for heading in ("answer", "bytes/sample", "M samples/s", "best run", "plain Python", "ratio"):
        table.add_column(heading, justify="left" if heading == "answer" else "right")
    forms: tuple[tuple[str, Callable[..., bytes], Callable[..., SeriesFrame], Callable[..., object]], ...] = (
        ("streamed", lambda frame: b"".join(encode_streamed(frame)), decode_streamed, plain_streamed),
        ("samples", lambda frame: encode_samples([frame]), decode_samples, plain_samples),
    )
    for kind, decimals in (("0.001", 3), ("53 bits", None)):
        frame = walks(decimals=decimals)
        few = frame.take(range(N_PLAIN_SERIES))
        for form, encode, decode, plain in forms:
            body, small = encode(frame), encode(few)
            decoded = decode(small, RANGE, LIMITS)
            assert decoded.values.tobytes() == few.values.tobytes()
            assert plain(small) == list(zip(few.timestamps_ms.tolist(), few.values.tolist(), strict=True))
            median, best = rate(lambda: decode(body, RANGE, LIMITS), frame.n_samples, N_RUNS)  # noqa: B023 - called now
            slow, _ = rate(lambda: plain(small), few.n_samples, 3)  # noqa: B023 - called now
            table.add_row(
                f"{form} ({kind})",
                f"{len(body) / frame.n_samples:.1f}",
                f"{median:.1f}",
                f"{best:.1f}",
                f"{slow:.2f}",
                f"{median / slow:.0f}",
            )
    Console().print(table)


if __name__ == "__main__":
    main()
