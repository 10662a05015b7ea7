"""StatusPage: what one page of a server tells of it, remembered for a while."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from pronoia.errors import UpstreamError
from pronoia.transport.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.transport.session import UpstreamSession

_log = logging.getLogger(__name__)
T = TypeVar("T")

#: Servers get upgraded, and their flags and configuration changed.
ASK_AGAIN_SECONDS = 600.0
#: After a page failed: not at each read, each of which would wait for it.
ASK_FAILED_AGAIN_SECONDS = 60.0
# Status pages are answered at once, or by nobody.
_MOST_SECONDS = 5.0


class StatusPage(Generic[T]):
    """Asked at the first use and now and then; a failure leaves what was told before as it is.

    Safe to share by threads: one asks. The others wait for it only as long as nothing is known, and no longer than
    for an answer of their own.

    Args:
        session: the upstream's session.
        name: of the page, the end of its path.
        ask: asks for it.
        unknown: what holds until it is told.
        assumed: the same in words, for the log.
    """

    def __init__(
        self,
        session: UpstreamSession,
        name: str,
        ask: Callable[[UpstreamSession, Deadline], T],
        unknown: T,
        assumed: str,
    ) -> None:
        self._session = session
        self._name = name
        self._ask = ask
        self._told = unknown
        self._assumed = assumed
        self._lock = threading.Lock()
        self._ask_at: float | None = None
        self._has_failed = False

    @property
    def is_due(self) -> bool:
        """Whether the next use asks the server."""
        return self._ask_at is None or self._session.clock() >= self._ask_at

    def told(self, deadline: Deadline) -> T:
        """What holds now, asked for if it is time to.

        Args:
            deadline: of the read that needs to know; at most half of what is left of it is spent here.
        """
        if self.is_due:
            most = Deadline(min(_MOST_SECONDS, deadline.remaining() / 2), self._session.clock)
            if self._lock.acquire(timeout=most.remaining() if self._ask_at is None else 0):
                try:
                    if self.is_due:
                        self._refresh(most)
                finally:
                    self._lock.release()
        return self._told

    def ask_again(self) -> None:
        """The server may have changed: the next use asks it."""
        self._ask_at = None

    def _refresh(self, deadline: Deadline) -> None:
        pause_seconds = ASK_FAILED_AGAIN_SECONDS
        try:
            self._told = self._ask(self._session, deadline)
        except UpstreamError as error:
            self._warn(error)
        else:
            pause_seconds = ASK_AGAIN_SECONDS
            self._has_failed = False
            self._assumed = "what it told before holds"
        self._ask_at = self._session.clock() + pause_seconds

    def _warn(self, error: UpstreamError) -> None:
        # Of a server that nobody reaches, the read that needs the page tells.
        if not self._has_failed and error.cause != "unreachable":
            _log.warning(
                "upstream %s: its page %s does not answer, and until it does %s: %s",
                self._session.settings.name,
                self._name,
                self._assumed,
                error,
            )
            self._has_failed = True
