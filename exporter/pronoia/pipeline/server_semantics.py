"""ServerSemantics: what expressions mean to one upstream, as configured or as the server tells."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from pronoia.promql.semantics import Semantics, filtered_samples_count, ranges_are_left_open, zero_point_comes_first

if TYPE_CHECKING:
    from pronoia.pipeline.status_pages import ServerSettings, StatusPages
    from pronoia.transport.deadline import Deadline
    from pronoia.transport.session import UpstreamSession

_log = logging.getLogger(__name__)

_LAST_OF_2 = "2.55.1"


class ServerSemantics:
    """What the server does not tell is as in Prometheus 3.

    Safe to share by threads.

    Args:
        session: the upstream's session; what its settings fix does not depend on the server.
        pages: what the server tells.
    """

    def __init__(self, session: UpstreamSession, pages: StatusPages) -> None:
        self._session = session
        self._pages = pages
        self._lock = threading.Lock()
        self._logged: ServerSettings | None = None

    def current(self, deadline: Deadline) -> Semantics:
        """What holds now."""
        told = self._pages.settings(deadline)
        semantics = self._semantics(told)
        with self._lock:
            before, self._logged = self._logged, told
        if told != before:
            self._log_change(told, semantics, is_change=before is not None)
        return semantics

    def _semantics(self, told: ServerSettings) -> Semantics:
        fixed = self._session.settings.promql
        unknown = Semantics()
        # Closed ranges without a version: a late 2.x.
        version = told.version or (_LAST_OF_2 if fixed.left_open is False else None)
        left_open = ranges_are_left_open(version) if fixed.left_open is None else fixed.left_open
        return Semantics(
            left_open,
            fixed.lookback_ms or told.lookback_ms or unknown.lookback_ms,
            fixed.evaluation_interval_ms or told.config.evaluation_interval_ms or unknown.subquery_step_ms,
            zero_point_comes_first(version),
            filtered_samples_count(version),
        )

    def _log_change(self, told: ServerSettings, semantics: Semantics, *, is_change: bool) -> None:
        fixed, external = self._session.settings.promql, told.config.external_labels

        def source(configured: object, from_server: object) -> str:
            return "configured" if configured is not None else "assumed" if from_server is None else "as the server"

        _log.info(
            "upstream %s: expressions are evaluated %swith %s ranges (%s), a lookback of %g s (%s) and, for "
            "subqueries, an interval of %g s (%s); its version is %s, its external labels are %s",
            self._session.settings.name,
            "from now on " if is_change else "",
            "left-open" if semantics.left_open else "closed",
            source(fixed.left_open, told.version),
            semantics.lookback_ms / 1000,
            source(fixed.lookback_ms, told.lookback_ms),
            semantics.subquery_step_ms / 1000,
            source(fixed.evaluation_interval_ms, told.config.evaluation_interval_ms),
            told.version or "not told",
            external if len(external) else "none, or not told",
        )
