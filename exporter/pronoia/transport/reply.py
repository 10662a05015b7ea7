"""One complete HTTP answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer whose body has arrived whole.

    Args:
        url: the address that answered.
        status: HTTP status code.
        headers: header fields; lookup ignores case.
        body: the body as sent.
        is_delimited: whether the server said where the body ends (Content-Length or chunks). If not, a
            connection lost on the way looks like the end.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: memoryview
    is_delimited: bool

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; empty if the server named none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
