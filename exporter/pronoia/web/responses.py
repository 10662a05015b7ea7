"""Building responses: plain text and rendered expositions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from pronoia.exposition.negotiation import accepts_gzip, negotiate_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pronoia.exposition.negotiation import ExpositionFormat

# The server copies what is left of a chunk after each partial send, so megabytes at once would cost their square.
_CHUNK_BYTES = 256 * 1024


def text(message: str, status: int = 200) -> Response:
    """A line of plain text."""
    return Response(f"{message}\n", status, content_type="text/plain; charset=utf-8")


def exposition(render: Callable[[ExpositionFormat, bool], Sequence[bytes]]) -> Response:
    """An exposition in the format and encoding that the current request asks for.

    Args:
        render: returns the pieces of the body in a format, gzip or plain.
    """
    exposition_format = negotiate_format(request.headers.get("Accept", ""))
    gzip = accepts_gzip(request.headers.get("Accept-Encoding", ""))
    pieces = render(exposition_format, gzip)
    response = Response(_chunks(pieces), content_type=exposition_format.value, direct_passthrough=True)
    response.content_length = sum(len(piece) for piece in pieces)
    response.headers["Vary"] = "Accept, Accept-Encoding"
    if gzip:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _chunks(pieces: Sequence[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), _CHUNK_BYTES):
            yield piece[start : start + _CHUNK_BYTES]
