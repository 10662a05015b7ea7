"""Reading a body in large blocks against a limit."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ResponseTooLarge

if TYPE_CHECKING:
    from typing import Protocol

    class Readable(Protocol):
        """Anything that fills buffers, such as `http.client.HTTPResponse`."""

        def readinto(self, buffer: memoryview, /) -> int:
            """Fill the buffer; fewer bytes mean the end."""


# Address space, not memory: pages come into being as bytes arrive in them.
_FIRST_BYTES = 1 << 26


def read_body(stream: Readable, declared_bytes: int | None, limit_bytes: int) -> memoryview:
    """Everything a stream holds, in one buffer.

    Bodies up to 64 MiB are never copied; longer ones once for each doubling.

    Args:
        stream: a body with transfer encoding undone.
        declared_bytes: the Content-Length, None if there is none.
        limit_bytes: longest body accepted.

    Raises:
        ResponseTooLarge: if more is declared or arrives.
        http.client.IncompleteRead: if the stream ends before the declared length or inside a chunk.
        OSError: as the socket raises it (TimeoutError for the deadline).
    """
    if declared_bytes is not None and declared_bytes > limit_bytes:
        raise ResponseTooLarge("the declared body", declared_bytes, limit_bytes)
    # One byte more than allowed, so that a body of exactly the limit is told from one that goes on.
    body = np.empty(min(_FIRST_BYTES, limit_bytes + 1), np.uint8)
    n_bytes = 0
    while received := stream.readinto(body[n_bytes:].data):
        n_bytes += received
        if n_bytes > limit_bytes:
            raise ResponseTooLarge("the body received so far", n_bytes, limit_bytes)
        if n_bytes == len(body):
            longer = np.empty(min(2 * len(body), limit_bytes + 1), np.uint8)
            longer[:n_bytes] = body
            body = longer
    if declared_bytes is not None and n_bytes < declared_bytes:
        raise http.client.IncompleteRead(b"", declared_bytes - n_bytes)
    return body[:n_bytes].data
