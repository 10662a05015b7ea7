import pytest

from pronoia.errors import DecodeError, ResponseTooLarge
from pronoia.remote_read import protobuf, snappy
from pronoia.remote_read.codec import ReadLimits
from pronoia.remote_read.query import ReadQuery, ResponseType
from pronoia.remote_read.request import decode_request, encode_request
from pronoia.series import Matcher, MatchOp, TimeRange

LIMITS = ReadLimits()
QUERY = ReadQuery(
    TimeRange(-5, 1_700_000_000_000),
    (
        Matcher("__name__", MatchOp.EQUAL, "up"),
        Matcher("job", MatchOp.NOT_EQUAL, ""),
        Matcher("instance", MatchOp.REGEX, "a.*|é"),
        Matcher("zone", MatchOp.NOT_REGEX, "x+"),
    ),
)


def request(message):
    return snappy.compress(message)


@pytest.mark.parametrize("accepted", [(), (0,), (1,), (1, 0), (0, 1)])
def test_what_is_encoded_is_decoded(accepted):
    body = encode_request([QUERY, QUERY], [ResponseType(kind) for kind in accepted])
    assert decode_request(body, LIMITS) == ((QUERY, QUERY), accepted)


def test_response_types_may_come_unpacked_and_unknown():
    assert decode_request(request(b"\x10\x07\x10\x00"), LIMITS) == ((), (7, 0))


def test_hints_and_unknown_fields_are_passed_over():
    hints = protobuf.span(4, protobuf.number(1, 15000) + protobuf.span(2, b"rate"))
    query = protobuf.number(1, 5) + hints + protobuf.number(2, 9) + protobuf.span(30, b"?") + b"\x3d1234"
    (decoded,), _ = decode_request(request(protobuf.span(1, query) + protobuf.number(99, 1)), LIMITS)
    assert decoded == ReadQuery(TimeRange(5, 9), ())


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (protobuf.number(1, 10) + protobuf.number(2, 5), "ends"),
        (protobuf.span(3, protobuf.number(1, 4) + protobuf.span(2, b"a")), "not a valid label matcher: 4"),
        (protobuf.span(3, protobuf.number(1, 2) + protobuf.span(3, b"(")), "regular expression"),
        (protobuf.span(3, protobuf.span(2, b"\xff")), "not a valid label matcher"),
        (protobuf.span(3, protobuf.number(2, 5)), "bytes are needed"),
        (protobuf.span(1, b"x"), "a number is needed"),
        (b"\x0b", "protobuf"),
        (b"\x08", "varint"),
    ],
)
def test_a_bad_query_is_a_decode_error(query, reason):
    with pytest.raises(DecodeError, match=reason):
        decode_request(request(protobuf.span(1, query)), LIMITS)


def test_too_many_queries_are_refused():
    with pytest.raises(DecodeError, match="more than 100 queries"):
        decode_request(request(protobuf.span(1, b"") * 101), LIMITS)


def test_a_request_that_would_unpack_to_too_much_is_refused():
    with pytest.raises(ResponseTooLarge, match="the remote-read request is 2000000 bytes"):
        decode_request(request(bytes(2_000_000)), LIMITS)
