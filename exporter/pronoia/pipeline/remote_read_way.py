"""RemoteReadWay: whether an upstream is read by remote-read."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from pronoia.errors import UpstreamStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.transport.session import UpstreamSession

_log = logging.getLogger(__name__)
T = TypeVar("T")

# No such path, no such method, not built in.
_NO_REMOTE_READ = frozenset({404, 405, 501})
# VictoriaMetrics says 400 for every path it does not serve; Prometheus says 400 for a request it does not like.
_NO_REMOTE_READ_WORDS = "unsupported path requested"

# Servers get upgraded, and proxies in front of them answer 404 while they are restarted.
PROBE_AGAIN_SECONDS = 600.0


class RemoteReadWay:
    """Open until the server says that it has no remote-read, and tried again after a while; or as configured.

    Args:
        session: the upstream's session; `read` of its settings may name one way for good.
    """

    def __init__(self, session: UpstreamSession) -> None:
        self._session = session
        self._try_again_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the last try found remote-read, or none was made yet."""
        read = self._session.settings.read
        return self._try_again_at is None if read == "auto" else read == "remote_read"

    @property
    def is_tried(self) -> bool:
        """Whether the next read tries it."""
        if self._session.settings.read != "auto" or self._try_again_at is None:
            return self.is_open
        return self._session.clock() >= self._try_again_at

    def through(self, work: Callable[[], T]) -> T | None:
        """What `work` gives by remote-read; None where there is none.

        Raises:
            UpstreamError: as `work` raises it, unless it means that there is no remote-read.
        """
        if not self.is_tried:
            return None
        try:
            result = work()
        except UpstreamStatus as error:
            if self._session.settings.read != "auto" or not _says_no_remote_read(error):
                raise
            self._close(error)
            return None
        self._try_again_at = None
        return result

    def _close(self, error: UpstreamStatus) -> None:
        name = self._session.settings.name
        if self._try_again_at is None:
            _log.info("upstream %s: no remote-read, reading over the HTTP API: %s", name, error)
            self._session.observer.on_fallback(name, "no_remote_read")
        self._try_again_at = self._session.clock() + PROBE_AGAIN_SECONDS


def _says_no_remote_read(error: UpstreamStatus) -> bool:
    return error.status in _NO_REMOTE_READ or (error.status == 400 and _NO_REMOTE_READ_WORDS in str(error))
