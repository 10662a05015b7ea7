"""Answering remote-read requests, whatever serves the bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.errors import UpstreamError
from pronoia.remote_read.limits import ReadLimits
from pronoia.remote_read.query import ResponseType
from pronoia.remote_read.request import decode_request
from pronoia.remote_read.samples_encode import encode_samples
from pronoia.remote_read.streamed_encode import encode_streamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pronoia.remote_read.query import ReadQuery
    from pronoia.series import SeriesFrame

STREAMED_CONTENT_TYPE = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"
SAMPLES_CONTENT_TYPE = "application/x-protobuf"
_DEFAULT_LIMITS = ReadLimits()


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """An HTTP response.

    Args:
        status: 200, or 400 for a request that cannot be understood.
        content_type: of the body.
        content_encoding: of the body, None for none.
        chunks: the body, piece by piece; made while it is read.
    """

    status: int
    content_type: str
    content_encoding: str | None
    chunks: Iterator[bytes]


def respond(
    body: bytes | bytearray | memoryview,
    headers: Mapping[str, str],
    select: Callable[[ReadQuery], SeriesFrame],
    limits: ReadLimits = _DEFAULT_LIMITS,
) -> ReadAnswer:
    """Answer one `POST .../api/v1/read`.

    The first response type of the request's list that is known here is used; no list means SAMPLES.

    Args:
        body: the request's body, a snappy block.
        headers: the request's headers, names in any case; a `Content-Encoding` other than snappy is refused.
        select: finds the series of one query; what it returns is trimmed to the query's range. Called for every
            query before the first byte of the answer, so that its exceptions, which pass through, meet no
            half-written response.
        limits: sizes checked before memory is taken.

    Returns:
        the answer; a request that cannot be understood gets status 400 and one line of text.
    """
    encoding = next((value for name, value in headers.items() if name.lower() == "content-encoding"), "snappy")
    if encoding.strip().lower() != "snappy":
        return _refuse(f"Content-Encoding is {encoding!r}, snappy is needed")
    try:
        queries, accepted = decode_request(body, limits)
    except UpstreamError as error:
        return _refuse(str(error))
    known = [kind for kind in accepted or (ResponseType.SAMPLES,) if kind in tuple(ResponseType)]
    if not known:
        return _refuse(f"none of the accepted response types {list(accepted)} is supported")
    frames = [select(query).within(query.time_range) for query in queries]
    if known[0] == ResponseType.STREAMED_XOR_CHUNKS:
        return ReadAnswer(200, STREAMED_CONTENT_TYPE, None, _stream(frames))
    return ReadAnswer(200, SAMPLES_CONTENT_TYPE, "snappy", _once(frames))


def _stream(frames: Iterable[SeriesFrame]) -> Iterator[bytes]:
    for index, frame in enumerate(frames):
        yield from encode_streamed(frame, index)


def _once(frames: Sequence[SeriesFrame]) -> Iterator[bytes]:
    yield encode_samples(frames)


def _refuse(reason: str) -> ReadAnswer:
    return ReadAnswer(400, "text/plain; charset=utf-8", None, iter([f"{reason}\n".encode()]))
