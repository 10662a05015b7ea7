"""What an upstream client tells about its requests, without knowing that metrics exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RequestDetails:
    """One finished HTTP request to an upstream.

    Args:
        upstream: the upstream's name in the configuration.
        path: `remote_read` or `query_api`.
        outcome: HTTP status code as text, or the error's `cause` (`timeout`, `unreachable`, `decode`, ...).
        response_type: `streamed_xor_chunks`, `samples`, `matrix` or empty.
        duration_seconds: from sending to the last byte decoded.
        received_bytes: body bytes received, as on the wire.
        n_samples: samples decoded.
        n_histograms: samples of native histograms that were left out.
    """

    upstream: str
    path: str
    outcome: str
    response_type: str
    duration_seconds: float
    received_bytes: int
    n_samples: int
    n_histograms: int = 0


class RequestObserver(Protocol):
    """Receives the details; must not raise and must return quickly."""

    def on_request(self, details: RequestDetails) -> None:
        """Called once per finished request, successful or not."""

    def on_retry(self, upstream: str, reason: str) -> None:
        """Called before a request is tried again."""

    def on_fallback(self, upstream: str, reason: str) -> None:
        """Called when another way is chosen (`chunk_encoding`, `no_remote_read`, `native_histograms`)."""


class SilentObserver:
    """Takes no notice."""

    def on_request(self, details: RequestDetails) -> None:
        """Ignore."""

    def on_retry(self, upstream: str, reason: str) -> None:
        """Ignore."""

    def on_fallback(self, upstream: str, reason: str) -> None:
        """Ignore."""
