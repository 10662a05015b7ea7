"""Telling the observer about one finished request, successful or not."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.errors import PronoiaError, UpstreamError
from pronoia.transport.observer import RequestDetails

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.transport.session import UpstreamSession


@dataclass(slots=True)
class Measured:
    """What becomes known about a request while it is handled."""

    response_type: str = ""
    received_bytes: int = 0
    n_samples: int = 0
    n_histograms: int = 0

    def count_histograms(self, n_samples: int) -> None:
        """Native histogram samples that were left out."""
        self.n_histograms += n_samples


@contextmanager
def observed(session: UpstreamSession, path: str) -> Iterator[Measured]:
    """Time the block, and report it with its outcome: `200`, the error's cause, or `limit`.

    Args:
        session: whose observer is told.
        path: `remote_read` or `query_api`.
    """
    measured = Measured()
    started = session.clock()
    outcome = "200"
    try:
        yield measured
    except UpstreamError as error:
        outcome = error.cause
        raise
    except PronoiaError:
        outcome = "limit"
        raise
    finally:
        session.observer.on_request(
            RequestDetails(
                upstream=session.settings.name,
                path=path,
                outcome=outcome,
                response_type=measured.response_type,
                duration_seconds=session.clock() - started,
                received_bytes=measured.received_bytes,
                n_samples=measured.n_samples,
                n_histograms=measured.n_histograms,
            )
        )
