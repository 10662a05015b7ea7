import tracemalloc

import pytest

from pronoia.errors import DecodeError, ResponseTooLarge
from pronoia.remote_read import protobuf, snappy


def test_content_comes_back():
    assert bytes(snappy.decompress(snappy.compress(b"abc" * 1000), 3000, "it")) == b"abc" * 1000


def test_the_declared_length_is_checked_before_anything_is_allocated():
    lie = protobuf.uvarint(2**40) + b"\x00" * 20
    bomb = snappy.compress(bytes(200_000_000))
    tracemalloc.start()
    with pytest.raises(DecodeError, match="declares 1099511627776 bytes"):
        snappy.decompress(lie, 2**50, "the answer")
    with pytest.raises(ResponseTooLarge, match="the answer is 200000000 bytes, the limit is 1000 bytes"):
        snappy.decompress(bomb, 1000, "the answer")
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


def test_a_length_that_the_block_cannot_yield_is_a_lie():
    with pytest.raises(DecodeError, match="snappy block of 25 bytes declares 900000000 bytes"):
        snappy.decompress(protobuf.uvarint(900_000_000) + b"\x00" * 20, 2**30, "it")


def test_the_most_compressible_content_is_no_lie():
    content = bytes(10_000_000)
    assert bytes(snappy.decompress(snappy.compress(content), len(content), "it")) == content


@pytest.mark.parametrize("block", [b"", b"\xff", b"\x05\x00", b"\x04hello", b"plain text error message"])
def test_what_is_not_snappy_is_a_decode_error(block):
    with pytest.raises(DecodeError):
        snappy.decompress(block, 1000, "it")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_of_bytes_will_do(kind):
    assert bytes(snappy.decompress(kind(snappy.compress(b"abc")), 3, "it")) == b"abc"
