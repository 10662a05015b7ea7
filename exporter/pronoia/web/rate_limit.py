"""A token bucket."""

from __future__ import annotations

import threading


class TokenBucket:
    """`burst` tokens, one of which grows back every `interval_seconds`.

    Args:
        interval_seconds: more than 0.
        burst: at least 1.
        now_seconds: of a monotonic clock; the bucket starts full.

    >>> bucket = TokenBucket(interval_seconds=10.0, burst=2, now_seconds=0.0)
    >>> [bucket.take(at) for at in (0.0, 1.0, 2.0, 10.0, 10.5)]
    [True, True, False, True, False]
    """

    def __init__(self, interval_seconds: float, burst: int, now_seconds: float) -> None:
        self._interval_seconds = interval_seconds
        self._burst = burst
        self._tokens = float(burst)
        self._counted_at = now_seconds
        self._lock = threading.Lock()

    def take(self, now_seconds: float) -> bool:
        """Take a token, if there is one."""
        with self._lock:
            grown = (now_seconds - self._counted_at) / self._interval_seconds
            self._tokens = min(self._tokens + grown, float(self._burst))
            self._counted_at = now_seconds
            if self._tokens < 1.0:
                return False
            self._tokens -= 1.0
            return True
