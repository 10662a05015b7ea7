"""What a remote-read request asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pronoia.series import Matcher, TimeRange


class ResponseType(IntEnum):
    """The two forms of answer; the numbers are those of `ReadRequest.ResponseType`."""

    SAMPLES = 0
    STREAMED_XOR_CHUNKS = 1


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """One query of a request: the samples inside `time_range`, both ends included, of all series that match."""

    time_range: TimeRange
    matchers: tuple[Matcher, ...]
