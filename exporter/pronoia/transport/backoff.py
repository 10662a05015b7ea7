"""How long to wait before asking again."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

# 500 is not among them: Prometheus answers it when this very query failed inside the server, and asking for the
# same at once costs the server as much again.
RETRIED_STATUSES = frozenset({429, 502, 503, 504})

_FIRST_SECONDS = 0.25
_LONGEST_SECONDS = 10.0


def backoff_seconds(attempt: int, rng: random.Random) -> float:
    """Exponential backoff with full jitter: uniform between 0 and 0.25, 0.5, 1, ... 10 s.

    Args:
        attempt: how many attempts have failed before this one; 0 after the first failure.
        rng: the source of jitter.

    References:
        Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("full jitter").
    """
    return rng.uniform(0.0, min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0**attempt))


def retry_after_seconds(header: str | None, now: datetime | None = None) -> float:
    """Seconds that a Retry-After header asks for; 0 if it is absent, past or not understood (RFC 9110, 10.2.3).

    >>> retry_after_seconds("7"), retry_after_seconds(None), retry_after_seconds("soon")
    (7.0, 0.0, 0.0)
    >>> retry_after_seconds("Wed, 21 Oct 2015 07:28:30 GMT", datetime(2015, 10, 21, 7, 28, tzinfo=UTC))
    30.0
    """
    if header is None:
        return 0.0
    if header.strip().isdecimal():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
