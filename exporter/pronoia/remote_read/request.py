"""Remote-read requests, both directions: a snappy block of one ReadRequest (prompb/remote.proto)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import DecodeError
from pronoia.remote_read import protobuf, snappy
from pronoia.remote_read.query import ReadQuery, ResponseType
from pronoia.series import Matcher, MatchOp, TimeRange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pronoia.remote_read.limits import ReadLimits


def encode_request(queries: Iterable[ReadQuery], accepted: Iterable[ResponseType]) -> bytes:
    """The body of a request.

    Args:
        queries: what is asked for; answers come in the same order. No hints are sent, as for raw dumps.
        accepted: answer forms, the preferred one first.
    """
    message = b"".join(protobuf.span(1, _encode_query(query)) for query in queries)
    # Written even when zero: in a list, a default is an element like any other.
    packed = b"".join(protobuf.uvarint(kind) for kind in accepted)
    return snappy.compress(message + (protobuf.span(2, packed) if packed else b""))


def decode_request(
    body: bytes | bytearray | memoryview, limits: ReadLimits
) -> tuple[tuple[ReadQuery, ...], tuple[int, ...]]:
    """The queries and the accepted response types of a request, the types as numbers since there may be new ones.

    Hints and unknown fields are passed over.

    Raises:
        ResponseTooLarge: if the request, or what it unpacks to, passes a limit.
        DecodeError: if it is malformed: not snappy, not protobuf, a bad regular expression, a range that ends
            before it starts.
    """
    message = bytes(snappy.decompress(body, limits.max_request_bytes, "the remote-read request"))
    queries: list[ReadQuery] = []
    accepted: list[int] = []
    for field, content in protobuf.fields(message):
        if field == 1:
            if len(queries) == limits.max_queries:
                raise DecodeError(f"the request has more than {limits.max_queries} queries")
            queries.append(_decode_query(_message(content)))
        elif field == 2:
            accepted += [content] if isinstance(content, int) else _unpack(content)
    return tuple(queries), tuple(accepted)


def _encode_query(query: ReadQuery) -> bytes:
    return (
        protobuf.number(1, query.time_range.start_ms)
        + protobuf.number(2, query.time_range.end_ms)
        + b"".join(protobuf.span(3, _encode_matcher(matcher)) for matcher in query.matchers)
    )


def _encode_matcher(matcher: Matcher) -> bytes:
    return (
        protobuf.number(1, matcher.op)
        + protobuf.span(2, matcher.name.encode())
        + protobuf.span(3, matcher.value.encode())
    )


def _decode_query(message: bytes) -> ReadQuery:
    start_ms = end_ms = 0
    matchers = []
    for field, content in protobuf.fields(message):
        if field == 1:
            start_ms = protobuf.signed(_number(content))
        elif field == 2:
            end_ms = protobuf.signed(_number(content))
        elif field == 3:
            matchers.append(_decode_matcher(_message(content)))
    try:
        return ReadQuery(TimeRange(start_ms, end_ms), tuple(matchers))
    except ValueError as error:
        raise DecodeError(str(error)) from error


def _decode_matcher(message: bytes) -> Matcher:
    op, name, value = 0, b"", b""
    for field, content in protobuf.fields(message):
        if field == 1:
            op = _number(content)
        elif field == 2:
            name = _message(content)
        elif field == 3:
            value = _message(content)
    try:
        # A bad operator, text that is not UTF-8 and a bad regular expression are all ValueErrors.
        return Matcher(name.decode(), MatchOp(op), value.decode())
    except ValueError as error:
        raise DecodeError(f"not a valid label matcher: {error}") from error


def _unpack(packed: bytes) -> list[int]:
    numbers, pos = [], 0
    while pos < len(packed):
        value, pos = protobuf.read_uvarint(packed, pos)
        numbers.append(value)
    return numbers


def _number(content: int | bytes) -> int:
    if isinstance(content, int):
        return content
    raise DecodeError("a number is needed where the request has bytes")


def _message(content: int | bytes) -> bytes:
    if isinstance(content, bytes):
        return content
    raise DecodeError("bytes are needed where the request has a number")
