import numpy as np
import pytest

from pronoia.remote_read.walk import Walk
from pronoia.remote_read.wire import byte_view
from pronoia.remote_read.xor import decode_xor
from pronoia.remote_read.xor_encode import CHUNK_SAMPLES, MAX_CHUNK_BYTES, encode_xor
from pronoia.series import TimeRange

ALWAYS = TimeRange(-(2**63), 2**63 - 1)


def encode(times, values):
    out = np.empty(MAX_CHUNK_BYTES, np.uint8)
    bits = np.asarray(values, np.float64).view(np.uint64)
    return out[: encode_xor(np.asarray(times, np.int64), bits, 0, len(times), out)].tobytes()


def decode(chunk, time_range=ALWAYS):
    walk = Walk.over(time_range, 1, int.from_bytes(chunk[:2], "big"))
    n = decode_xor(byte_view(chunk), 0, len(chunk), walk, 0)
    return n, walk.timestamps_ms[: max(n, 0)].tolist(), walk.value_bits[: max(n, 0)].view(np.float64).tolist()


def bits_of(chunk):
    return "".join(f"{byte:08b}" for byte in chunk)


def test_a_chunk_is_laid_out_as_documented():
    # n = 3 | zigzag(1) | 1.0 | dt = 2, then bits: same value, dod of zero, new window for 1.0 -> 2.0.
    chunk = encode([1, 3, 5], [1.0, 1.0, 2.0])
    assert chunk[:12] == bytes.fromhex("0003 02 3ff0000000000000 02")
    # 1.0 ^ 2.0 = 0x7ff0 << 48: one zero above, 52 below, 11 significant bits.
    assert bits_of(chunk[12:]).startswith("0" + "0" + "11" + f"{1:05b}" + f"{11:06b}" + 11 * "1")


# tsdb/chunkenc/xor.go: bitRange(x, nbits) is -((1<<(nbits-1))-1) <= x && x <= 1<<(nbits-1).
@pytest.mark.parametrize(
    ("dod", "prefix", "width"),
    [
        (0, "0", 0),
        (1, "10", 14),
        (-8191, "10", 14),
        (8192, "10", 14),
        (-8192, "110", 17),
        (8193, "110", 17),
        (65536, "110", 17),
        (-65536, "1110", 20),
        (524288, "1110", 20),
        (-524288, "1111", 64),
        (524289, "1111", 64),
    ],
)
def test_each_delta_of_delta_takes_the_narrowest_field_and_comes_back(dod, prefix, width):
    times = [0, 10**6, 2 * 10**6 + dod]
    chunk = encode(times, [0.0, 0.0, 0.0])
    # After n, t0, v0, the three bytes of dt and the one bit of an unchanged value.
    rest = bits_of(chunk)[8 * (2 + 1 + 8 + 3) + 1 :]
    assert rest.startswith(prefix + (f"{dod & (1 << width) - 1:0{width}b}" if width else ""))
    assert decode(chunk)[1] == times


def test_the_widest_chunk_fits_its_buffer():
    rng = np.random.default_rng(2)
    values = rng.integers(0, 2**64, CHUNK_SAMPLES, dtype=np.uint64).view(np.float64)
    times = np.cumsum(rng.integers(1, 2**55, CHUNK_SAMPLES)) - 2**61
    chunk = encode(times, values)
    assert len(chunk) < MAX_CHUNK_BYTES
    walk = Walk.over(ALWAYS, 1, CHUNK_SAMPLES)
    assert decode_xor(byte_view(chunk), 0, len(chunk), walk, 0) == CHUNK_SAMPLES
    assert walk.timestamps_ms[:-1].tolist() == times.tolist()
    assert walk.value_bits[:-1].tolist() == values.view(np.uint64).tolist()


def test_samples_outside_the_range_are_passed_over():
    chunk = encode([10, 20, 30, 40], [1.0, 2.0, 3.0, 4.0])
    assert decode(chunk, TimeRange(20, 30)) == (2, [20, 30], [2.0, 3.0])


def test_a_chunk_cut_anywhere_is_noticed():
    chunk = encode([10, 20, 31, 40], [1.0, 2.5, 3.25, 4.1])
    assert [decode(chunk[:end])[0] for end in range(2, len(chunk))] == [-1] * (len(chunk) - 2)


def test_a_window_wider_than_a_value_is_noticed():
    head = bytes.fromhex("0002 00 0000000000000000 01")
    impossible = "11" + f"{31:05b}" + f"{40:06b}" + 51 * "1"
    assert decode(head + int(impossible, 2).to_bytes(8, "big") + bytes(8))[0] == -1
