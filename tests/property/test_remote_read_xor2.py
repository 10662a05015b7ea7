"""XOR2 chunks, written here from their description, decode to what was put in.

The encoder follows the format's text (prometheus/prometheus tsdb/chunkenc/xor2.go, comment at the top), bit by bit,
and shares nothing with the decoder.
"""

import struct

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from pronoia.remote_read import protobuf
from pronoia.remote_read.codec import ReadLimits, decode_streamed
from pronoia.remote_read.streamed_encode import seal
from pronoia.series import TimeRange

STALE = 0x7FF0000000000002
ALWAYS = TimeRange(-(2**63), 2**63 - 1)


def low_bits(value, width):
    return f"{value & (1 << width) - 1:0{width}b}" if width else ""


def varint_bits(encoded):
    return "".join(f"{byte:08b}" for byte in encoded)


def zigzag(value):
    return protobuf.uvarint(value << 1 ^ value >> 63)


def varbit_int(value):
    if value == 0:
        return "0"
    for ones, width in enumerate((3, 6, 9, 12, 18, 25, 56), start=1):
        if -(1 << width - 1) < value <= 1 << width - 1:
            return "1" * ones + "0" + low_bits(value, width)
    return "11111111" + low_bits(value, 64)


class Xor2Encoder:
    """Appends (time, value bits, start time); start times of zero mean that there is none."""

    def __init__(self):
        self.n, self.bits = 0, ""
        self.first_start_known, self.start_times_from = False, 0
        self.baseline, self.window = 0, None
        self.time = self.delta = self.start = self.start_lag = 0

    def append(self, time, value, start=0):
        if self.n == 0:
            self.bits += varint_bits(zigzag(time)) + low_bits(value, 64)
            if start:
                self.first_start_known = True
                self.bits += varint_bits(zigzag(time - start))
        else:
            self._append_later(time, value, start)
        if value != STALE:
            self.baseline = value
        self.time, self.start, self.n = time, start, self.n + 1

    def _append_later(self, time, value, start):
        delta = time - self.time
        dod = delta - self.delta
        if self.n == 1:
            self.bits += varint_bits(protobuf.uvarint(delta)) + self._value(value)
        elif dod == 0 and value == STALE:
            self.bits += "11111"
        elif dod == 0 and value == self.baseline:
            self.bits += "0"
        elif dod == 0:
            self.bits += "10" + self._change(value, "0", "1")
        else:
            self.bits += self._dod(dod) + self._value(value)
        lag = self.time - start
        if self.start_times_from:
            self.bits += varbit_int(lag - self.start_lag)
        elif start != self.start or self.n == 127:
            self.start_times_from = self.n
            self.bits += varbit_int(lag)
        self.start_lag, self.delta = lag, delta

    @staticmethod
    def _dod(dod):
        for prefix, width in (("110", 13), ("1110", 20), ("11110", 64)):
            if -(1 << width - 1) <= dod < 1 << width - 1:
                return prefix + low_bits(dod, width)
        raise AssertionError(dod)

    def _value(self, value):
        if value == STALE:
            return "111"
        return "0" if value == self.baseline else self._change(value, "10", "110")

    def _change(self, value, reuse, new):
        change = value ^ self.baseline
        leading = min(64 - change.bit_length(), 31)
        trailing = (change & -change).bit_length() - 1
        if self.window and leading >= self.window[0] and trailing >= self.window[1]:
            leading, trailing = self.window
            return reuse + low_bits(change >> trailing, 64 - leading - trailing)
        self.window = leading, trailing
        width = 64 - leading - trailing
        return new + low_bits(leading, 5) + low_bits(width, 6) + low_bits(change >> trailing, width)

    def chunk(self):
        bits = self.bits + "0" * (-len(self.bits) % 8)
        header = struct.pack(">HB", self.n, self.first_start_known << 7 | self.start_times_from)
        return header + bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def decode(chunk, time_range=ALWAYS):
    series = protobuf.span(2, protobuf.number(3, 4) + protobuf.span(4, chunk))
    return decode_streamed(seal(protobuf.span(1, series)), time_range, ReadLimits())


VALUES = st.one_of(
    st.just(STALE),
    st.sampled_from([1.0, 2.0, 2.5, 0.0]).map(lambda value: int(np.float64(value).view(np.uint64))),
    st.integers(0, 2**64 - 1),
)
GAPS = st.one_of(st.just(15_000), st.integers(1, 10_000), st.integers(1, 2**21), st.integers(1, 2**40))
STARTS = st.one_of(st.just(0), st.integers(1, 2**20), st.integers(-(2**40), 2**40))


@st.composite
def chunks(draw):
    first_ms = draw(st.integers(-(2**50), 2**50))
    gaps = draw(st.lists(GAPS, max_size=draw(st.sampled_from([5, 30, 140]))))
    times = np.cumsum([first_ms, *gaps]).tolist()
    with_starts = draw(st.booleans())
    pool = draw(st.lists(VALUES, min_size=1, max_size=10))
    return [(time, draw(st.sampled_from(pool)), draw(STARTS) if with_starts else 0) for time in times]


@given(samples=chunks())
@example([(0, STALE, 0), (10, STALE, 0), (20, 5, 0), (30, STALE, 0), (40, 5, 0)])
@example([(i * 10, 7, 0) for i in range(130)])
@example([(i * 10, 7, 5 * (i > 126)) for i in range(130)])
@example([(0, 1, 0), (1000, 1, 0), (6095, 1, 0), (7094, 2, 0), (10**9, 2, 0)])
def test_what_goes_into_an_xor2_chunk_comes_out(samples):
    encoder = Xor2Encoder()
    for sample in samples:
        encoder.append(*sample)
    frame = decode(encoder.chunk())
    assert frame.timestamps_ms.tolist() == [time for time, _, _ in samples]
    assert frame.values.view(np.uint64).tolist() == [value for _, value, _ in samples]


def test_samples_outside_the_range_are_left_out():
    encoder = Xor2Encoder()
    for time in range(0, 1000, 10):
        encoder.append(time, time)
    assert decode(encoder.chunk(), TimeRange(30, 50)).timestamps_ms.tolist() == [30, 40, 50]
