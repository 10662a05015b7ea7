"""Sessions whose backoff is recorded instead of slept."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pronoia.transport.session import UpstreamSession
from pronoia.transport.settings import UpstreamSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.transport.observer import RequestDetails


@dataclass
class Recorder:
    """An observer that keeps what it is told, and a sleep that takes no time."""

    requests: list[RequestDetails] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    fallbacks: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def on_request(self, details: RequestDetails) -> None:
        self.requests.append(details)

    def on_retry(self, upstream: str, reason: str) -> None:
        self.retries.append(reason)

    def on_fallback(self, upstream: str, reason: str) -> None:
        self.fallbacks.append(reason)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def make_session(recorder: Recorder) -> Callable[..., UpstreamSession]:
    def make(url: str, **settings: Any) -> UpstreamSession:
        return UpstreamSession(
            UpstreamSettings("main", url, **settings), recorder, sleep=recorder.slept.append, rng=random.Random(1)
        )

    return make
