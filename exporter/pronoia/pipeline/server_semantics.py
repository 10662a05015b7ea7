"""ServerSemantics: what expressions mean to one upstream, as configured or as the server tells."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from pronoia.errors import UpstreamError
from pronoia.promql.semantics import Semantics, filtered_samples_count, ranges_are_left_open, zero_point_comes_first
from pronoia.query_api.client import QueryApiClient
from pronoia.query_api.server_settings import ServerSettings
from pronoia.transport.deadline import Deadline

if TYPE_CHECKING:
    from pronoia.transport.session import UpstreamSession

_log = logging.getLogger(__name__)

#: Servers get upgraded, and their flags changed.
ASK_AGAIN_SECONDS = 600.0
# Status pages are answered at once, or by nobody; a read has its own time to lose.
_MOST_SECONDS = 10.0
_LAST_OF_2 = "2.55.1"


class ServerSemantics:
    """Asks the server at the first use and now and then; what it does not tell is as in Prometheus 3.

    Safe to share by threads.

    Args:
        session: the upstream's session; what its settings fix does not depend on the server.
    """

    def __init__(self, session: UpstreamSession) -> None:
        self._session = session
        self._client = QueryApiClient(session)
        self._lock = threading.Lock()
        self._ask_at: float | None = None
        self._told: ServerSettings | None = None

    def current(self, deadline: Deadline) -> Semantics:
        """What holds now. A server that cannot be asked changes nothing; it is asked again next time."""
        with self._lock:
            if self._is_due():
                self._ask(deadline)
            return self._semantics()

    def ask_again(self) -> None:
        """The connection was lost: the server may come back as another version."""
        self._ask_at = None

    def _is_due(self) -> bool:
        return self._ask_at is None or self._session.clock() >= self._ask_at

    def _ask(self, deadline: Deadline) -> None:
        try:
            told = self._client.server_settings(Deadline(min(_MOST_SECONDS, deadline.remaining()), self._session.clock))
        except UpstreamError as error:
            _log.debug("upstream %s: its version and flags are not known: %s", self._session.settings.name, error)
            return
        self._ask_at = self._session.clock() + ASK_AGAIN_SECONDS
        before, self._told = self._told, told
        if told != before:
            self._tell(told, is_change=before is not None)

    def _semantics(self) -> Semantics:
        fixed = self._session.settings.promql
        told = self._told or ServerSettings()
        unknown = Semantics()
        # Closed ranges without a version: a late 2.x.
        version = told.version or (_LAST_OF_2 if fixed.left_open is False else None)
        left_open = ranges_are_left_open(version) if fixed.left_open is None else fixed.left_open
        return Semantics(
            left_open,
            fixed.lookback_ms or told.lookback_ms or unknown.lookback_ms,
            fixed.evaluation_interval_ms or told.evaluation_interval_ms or unknown.subquery_step_ms,
            zero_point_comes_first(version),
            filtered_samples_count(version),
        )

    def _tell(self, told: ServerSettings, *, is_change: bool) -> None:
        fixed, semantics = self._session.settings.promql, self._semantics()

        def source(configured: object, from_server: object) -> str:
            return "configured" if configured is not None else "assumed" if from_server is None else "as the server"

        _log.info(
            "upstream %s: expressions are evaluated %swith %s ranges (%s), a lookback of %g s (%s) and, for "
            "subqueries, an interval of %g s (%s); its version is %s",
            self._session.settings.name,
            "from now on " if is_change else "",
            "left-open" if semantics.left_open else "closed",
            source(fixed.left_open, told.version),
            semantics.lookback_ms / 1000,
            source(fixed.lookback_ms, told.lookback_ms),
            semantics.subquery_step_ms / 1000,
            source(fixed.evaluation_interval_ms, told.evaluation_interval_ms),
            told.version or "not told",
        )
