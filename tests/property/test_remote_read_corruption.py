"""Whatever bytes arrive: an answer, or one of our errors, in bounded memory."""

import os
import subprocess
import sys
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pronoia.errors import DecodeError, ResponseTooLarge, UnsupportedChunkEncoding
from pronoia.remote_read import protobuf, snappy
from pronoia.remote_read.codec import ReadLimits, decode_samples, decode_streamed, encode_samples, encode_streamed
from pronoia.remote_read.query import ReadQuery, ResponseType
from pronoia.remote_read.request import decode_request, encode_request
from pronoia.remote_read.streamed_encode import seal
from pronoia.series import LabelSet, Matcher, MatchOp, SeriesFrame, TimeRange

ALWAYS = TimeRange(-(2**63), 2**63 - 1)
LIMITS = ReadLimits(max_samples=20_000, max_series=1000, max_decompressed_bytes=100_000)
# 20,000 samples in two passes, sorting included, and the label sets of a small body.
MAX_MEMORY_BYTES = 4_000_000


def make_frame():
    rng = np.random.default_rng(5)
    times = 1_700_000_000_000 + np.cumsum(rng.choice([15_000, 15_001, 60_000, 10**7], 200))
    values = np.round(np.cumsum(rng.normal(size=200)), 2)
    return SeriesFrame.from_series(
        {
            LabelSet({"__name__": "up", "job": "node"}): (times, values),
            LabelSet({"__name__": "zero"}): (times[:50], np.zeros(50)),
            LabelSet({"__name__": "one"}): ([1], [2.0]),
        }
    )


FRAME = make_frame()
STREAMED = b"".join(encode_streamed(FRAME))
SAMPLES = encode_samples([FRAME])
PLAIN_SAMPLES = bytes(snappy.decompress(SAMPLES, 100_000, "it"))
SERIES = protobuf.span(2, protobuf.number(3, 4) + protobuf.span(4, bytes.fromhex("0010830102ff") + bytes(range(60))))
# Messages without length and checksum, so that damage can be sealed in and reaches the inner layers.
MESSAGES = [part[6:] if part[1] & 128 == 0 else part[7:] for part in encode_streamed(FRAME)] + [
    protobuf.span(1, SERIES)
]
REQUEST = encode_request(
    [ReadQuery(TimeRange(1, 10**12), (Matcher("a", MatchOp.REGEX, "b.*"), Matcher("c", MatchOp.EQUAL, "d")))],
    [ResponseType.STREAMED_XOR_CHUNKS, ResponseType.SAMPLES],
)


@st.composite
def damaged(draw, body):
    body = bytearray(body)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        kind = draw(st.sampled_from(["flip", "set", "cut", "insert", "remove"]))
        if kind == "flip" and at < len(body):
            body[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "set" and at < len(body):
            body[at] = draw(st.sampled_from([0, 1, 127, 128, 255]))
        elif kind == "cut":
            del body[at:]
        elif kind == "insert":
            body[at:at] = draw(st.binary(min_size=1, max_size=12))
        elif kind == "remove":
            del body[at : at + draw(st.integers(1, 12))]
    return bytes(body)


def survives(decode, body):
    tracemalloc.start()
    try:
        with suppress(DecodeError, ResponseTooLarge, UnsupportedChunkEncoding):
            decode(body, ALWAYS, LIMITS).check_order()
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < MAX_MEMORY_BYTES


@settings(max_examples=200)
@given(body=damaged(STREAMED))
def test_a_damaged_streamed_answer(body):
    survives(decode_streamed, body)


@settings(max_examples=500)
@given(data=st.data(), message=st.sampled_from(MESSAGES))
def test_damage_under_a_right_checksum(data, message):
    survives(decode_streamed, STREAMED + seal(data.draw(damaged(message))))


@settings(max_examples=200)
@given(body=damaged(SAMPLES))
def test_a_damaged_samples_answer(body):
    survives(decode_samples, body)


@settings(max_examples=500)
@given(message=damaged(PLAIN_SAMPLES))
def test_damage_under_valid_snappy(message):
    survives(decode_samples, snappy.compress(message))


@pytest.mark.parametrize("wrap", [bytes, seal, snappy.compress])
@given(noise=st.binary(max_size=300))
def test_noise(wrap, noise):
    survives(decode_streamed, wrap(noise))
    survives(decode_samples, wrap(noise))


@given(body=damaged(REQUEST))
def test_a_damaged_request(body):
    with suppress(DecodeError, ResponseTooLarge):
        decode_request(body, LIMITS)


@given(message=damaged(bytes(snappy.decompress(REQUEST, 10_000, "it"))))
def test_a_damaged_request_under_valid_snappy(message):
    with suppress(DecodeError, ResponseTooLarge):
        decode_request(snappy.compress(message), LIMITS)


@pytest.mark.slow
def test_no_index_ever_leaves_its_array(tmp_path):
    """The same damage with Numba's bounds checks compiled in, which turn a stray index into an IndexError."""
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not slow", __file__]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
