from __future__ import annotations

import http.client
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.errors import ResponseTooLarge
from pronoia.transport import body
from pronoia.transport.body import read_body


class Pieces(io.RawIOBase):
    """A stream that gives a piece at a time."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def readinto(self, buffer: memoryview) -> int:
        if not self._pieces:
            return 0
        piece = self._pieces.pop(0)
        taken = min(len(piece), len(buffer))
        buffer[:taken] = piece[:taken]
        if taken < len(piece):
            self._pieces.insert(0, piece[taken:])
        return taken


@given(pieces=st.lists(st.binary(max_size=50)), limit_bytes=st.integers(0, 300))
def test_a_body_comes_whole_or_not_at_all(pieces: list[bytes], limit_bytes: int) -> None:
    whole = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(body, "_FIRST_BYTES", 8)
        if len(whole) <= limit_bytes:
            assert bytes(read_body(Pieces(pieces), None, limit_bytes)) == whole
        else:
            with pytest.raises(ResponseTooLarge):
                read_body(Pieces(pieces), None, limit_bytes)


def test_fewer_bytes_than_declared_are_an_error() -> None:
    with pytest.raises(http.client.IncompleteRead):
        read_body(Pieces([b"half"]), 8, 100)
