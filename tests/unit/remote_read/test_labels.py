import numpy as np
import pytest

from pronoia.errors import DecodeError
from pronoia.remote_read import protobuf
from pronoia.remote_read.labels import MAX_LABELS, LabelReader, encode_labels
from pronoia.remote_read.wire import byte_view
from pronoia.series import LabelSet


def label(name, value):
    return protobuf.span(1, protobuf.span(1, name) + protobuf.span(2, value))


def read(encoded):
    return LabelReader(byte_view(encoded)).read(0, len(encoded))


def test_what_is_encoded_is_read_back():
    labels = LabelSet({"__name__": "up", "job": "node", "text": "line\nbreak é 日"})
    assert read(encode_labels(labels)) == labels


def test_unsorted_labels_are_sorted_and_empty_ones_dropped():
    assert read(label(b"job", b"x") + label(b"a", b"") + label(b"b", b"y")).pairs == (("b", "y"), ("job", "x"))


def test_unknown_fields_are_passed_over():
    unknown = protobuf.number(9, 5) + protobuf.span(8, b"zzz") + b"\x3d1234"
    inner = protobuf.span(1, unknown + protobuf.span(1, b"a") + unknown + protobuf.span(2, b"b"))
    assert read(unknown + inner + unknown) == LabelSet({"a": "b"})


def test_equal_strings_are_one_object():
    encoded = label(b"a", b"host-1.example.org") + label(b"b", b"host-1.example.org")
    labels = read(encoded)
    assert labels["a"] is labels["b"]


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (label(b"a", b"\xff\xfe"), "UTF-8"),
        (protobuf.span(1, b"\x0a\x05ab"), "protobuf"),
        (label(b"a", b"b") * (MAX_LABELS + 1), "more than 1024 labels"),
    ],
)
def test_bad_labels_are_a_decode_error(encoded, reason):
    with pytest.raises(DecodeError, match=reason):
        read(encoded)


def test_positions_count_within_the_whole_body():
    body = b"before" + label(b"a", b"b") + b"after"
    assert LabelReader(np.frombuffer(body, np.uint8)).read(6, len(body) - 5) == LabelSet({"a": "b"})
