import pytest

from pronoia.remote_read import protobuf
from pronoia.remote_read.bits import peek_bits, peek_bits64, read_bits
from pronoia.remote_read.wire import FIXED32, FIXED64, SPAN, VARINT, byte_view, read_field, read_uvarint, read_zigzag


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**32, 2**63 - 1, 2**64 - 1])
def test_compiled_and_plain_varints_agree(value):
    encoded = protobuf.uvarint(value)
    assert read_uvarint(byte_view(encoded), 0, len(encoded)) == (value, len(encoded))
    assert protobuf.read_uvarint(encoded, 0) == (value, len(encoded))


@pytest.mark.parametrize("encoded", [b"", b"\x80", 9 * b"\x80", 10 * b"\xff", 9 * b"\xff" + b"\x02"])
def test_a_varint_that_does_not_end_or_fit_is_no_varint(encoded):
    assert read_uvarint(byte_view(encoded + b"\x01"), 0, len(encoded))[1] == -1


@pytest.mark.parametrize(("encoded", "value"), [(b"\x00", 0), (b"\x01", -1), (b"\x02", 1), (b"\xff\x01", -128)])
def test_zigzag_numbers_alternate_in_sign(encoded, value):
    assert read_zigzag(byte_view(encoded), 0, len(encoded)) == (value, len(encoded))


@pytest.mark.parametrize(
    ("message", "field", "wire_type"),
    [
        (protobuf.number(7, 300), 7, VARINT),
        (protobuf.span(2, b"abc"), 2, SPAN),
        (b"\x09" + 8 * b"x", 1, FIXED64),
        (b"\x25" + 4 * b"x", 4, FIXED32),
    ],
)
def test_a_field_of_each_wire_type_is_read_whole(message, field, wire_type):
    assert read_field(byte_view(message), 0, len(message)) == (field, wire_type, 1, len(message))
    assert read_field(byte_view(message), 0, len(message) - 1)[3] == -1


@pytest.mark.parametrize(
    "message", [b"\x00\x01", b"\x0b\x0c", b"\x0e1234", b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f"]
)
def test_field_zero_groups_unknown_types_and_impossible_lengths_are_refused(message):
    assert read_field(byte_view(message), 0, len(message))[3] == -1


def test_bits_past_the_end_of_the_buffer_read_as_zero():
    buf = byte_view(bytes(range(1, 12)))
    whole = int.from_bytes(bytes(range(1, 12)) + 9 * b"\0", "big")
    for bit in range(11 * 8 + 1):
        expected = whole >> (20 * 8 - 64 - bit) & (2**64 - 1)
        assert peek_bits64(buf, bit) == expected
        assert peek_bits(buf, bit) >> 7 == expected >> 7
        assert [read_bits(buf, bit, width) for width in (1, 57, 58, 64)] == [
            expected >> 64 - width for width in (1, 57, 58, 64)
        ]
