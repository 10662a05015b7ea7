"""An observer that keeps what it is told, and sessions whose backoff takes no time."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pronoia.transport.session import UpstreamSession
from pronoia.transport.settings import UpstreamSettings

if TYPE_CHECKING:
    from pronoia.transport.observer import RequestDetails


@dataclass
class Recorder:
    """What the clients told, and how long they would have slept."""

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

    def session(self, url: str, **settings: Any) -> UpstreamSession:
        """A session that is watched."""
        return UpstreamSession(
            UpstreamSettings("main", url, **settings), self, sleep=self.slept.append, rng=random.Random(1)
        )
