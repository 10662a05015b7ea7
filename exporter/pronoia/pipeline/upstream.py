"""Upstream: one server to read from, by the best way that it offers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from pronoia.errors import UpstreamStatus
from pronoia.promql.selector import is_plain_selector, parse_selector
from pronoia.query_api.client import QueryApiClient
from pronoia.remote_read.client import RemoteReadClient
from pronoia.series import Grid, SeriesFrame
from pronoia.transport.session import UpstreamSession

if TYPE_CHECKING:
    from pronoia.series import Matcher, TimeRange
    from pronoia.transport.deadline import Deadline
    from pronoia.transport.observer import RequestObserver
    from pronoia.transport.settings import UpstreamSettings

_log = logging.getLogger(__name__)

# No such path, no such method, not built in.
_NO_REMOTE_READ = frozenset({404, 405, 501})
# VictoriaMetrics says 400 for every path it does not serve; Prometheus says 400 for a request it does not like.
_NO_REMOTE_READ_WORDS = "unsupported path requested"

# Servers get upgraded, and proxies in front of them answer 404 while they are restarted.
PROBE_AGAIN_SECONDS = 600.0


class Upstream:
    """Reads plain selectors by remote-read, and all else, or all where there is no remote-read, by the HTTP API.

    Safe to share by threads.

    Args:
        settings: the server; `settings.read` may name one way for good.
        observer: told about requests, retries and fallbacks.
        session: the connections; made from the settings by default.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        observer: RequestObserver | None = None,
        *,
        session: UpstreamSession | None = None,
    ) -> None:
        self.settings = settings
        self._session = session or UpstreamSession(settings, observer)
        self._remote_read = RemoteReadClient(self._session)
        self._query_api = QueryApiClient(self._session)
        self._probe_again_at: float | None = None

    @property
    def name(self) -> str:
        """The upstream's name in the configuration."""
        return self.settings.name

    @property
    def path(self) -> Literal["remote_read", "query_api"]:
        """The way by which plain selectors are read now."""
        if self.settings.read != "auto":
            return self.settings.read
        return "remote_read" if self._probe_again_at is None else "query_api"

    def read(
        self, expression: str, time_range: TimeRange, step_ms: int, deadline: Deadline | None = None
    ) -> SeriesFrame:
        """What an expression was worth over a time range.

        Args:
            expression: a plain selector, of which every stored sample is returned, or any other PromQL, which is
                evaluated at the multiples of the step inside the range.
            time_range: both ends included.
            step_ms: distance of the evaluations; without meaning for a plain selector.
            deadline: for the whole read; the settings' timeout by default.

        Returns:
            Staleness markers are kept where remote-read was used; the HTTP API does not show them.

        Raises:
            QueryError: if the expression is not PromQL.
            UpstreamError: as the clients raise it.
            SeriesLimitExceeded: as the clients raise it.
        """
        deadline = deadline or self._session.deadline()
        if is_plain_selector(expression):
            return self._read_selector(parse_selector(expression), time_range, deadline)
        first_ms = -(-time_range.start_ms // step_ms) * step_ms
        n_steps = (time_range.end_ms - first_ms) // step_ms + 1
        if n_steps < 1:
            return SeriesFrame.empty()
        return self._query_api.query_range(expression, Grid(first_ms, step_ms, n_steps), deadline)

    def close(self) -> None:
        """Close the connections kept open."""
        self._session.close()

    def _read_selector(self, matchers: tuple[Matcher, ...], time_range: TimeRange, deadline: Deadline) -> SeriesFrame:
        if self._tries_remote_read():
            try:
                frame = self._remote_read.read(matchers, time_range, deadline)
            except UpstreamStatus as error:
                if self.settings.read != "auto" or not _says_no_remote_read(error):
                    raise
                self._fall_back(error)
            else:
                self._probe_again_at = None
                return frame
        return self._query_api.raw(matchers, time_range, deadline)

    def _tries_remote_read(self) -> bool:
        if self.settings.read != "auto":
            return self.settings.read == "remote_read"
        probe_again_at = self._probe_again_at
        return probe_again_at is None or self._session.clock() >= probe_again_at

    def _fall_back(self, error: UpstreamStatus) -> None:
        if self._probe_again_at is None:
            _log.info("upstream %s: no remote-read, reading over the HTTP API: %s", self.name, error)
            self._session.observer.on_fallback(self.name, "no_remote_read")
        self._probe_again_at = self._session.clock() + PROBE_AGAIN_SECONDS


def _says_no_remote_read(error: UpstreamStatus) -> bool:
    return error.status in _NO_REMOTE_READ or (error.status == 400 and _NO_REMOTE_READ_WORDS in str(error))
