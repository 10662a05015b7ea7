"""StatusPages: all that one upstream tells of itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.pipeline.status_page import StatusPage
from pronoia.query_api.server_settings import GlobalSection, ask_global_section, ask_lookback_ms, ask_version

if TYPE_CHECKING:
    from pronoia.series import LabelSet
    from pronoia.transport.deadline import Deadline
    from pronoia.transport.session import UpstreamSession


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What was told; None for what was not.

    Args:
        version: of Prometheus itself.
        lookback_ms: `--query.lookback-delta`.
        config: of its configuration.
    """

    version: str | None
    lookback_ms: int | None
    config: GlobalSection


class StatusPages:
    """Three pages, each asked and remembered for itself. Safe to share by threads.

    Args:
        session: the upstream's session.
    """

    def __init__(self, session: UpstreamSession) -> None:
        self._version: StatusPage[str | None] = StatusPage(
            session,
            "buildinfo",
            ask_version,
            None,
            "it is taken for a Prometheus 3, unless promql.ranges says otherwise",
        )
        self._lookback_ms: StatusPage[int | None] = StatusPage(
            session, "flags", ask_lookback_ms, None, "the lookback is promql.lookback or 5m"
        )
        self._config = StatusPage(
            session,
            "config",
            ask_global_section,
            GlobalSection(),
            "subqueries have a step of promql.evaluation_interval or 1m, and no label is taken for an external one",
        )
        self._pages = (self._version, self._lookback_ms, self._config)

    def settings(self, deadline: Deadline) -> ServerSettings:
        """What holds now. Pages that are due are asked at the same time, so that one that hangs costs no other's."""
        due = [page for page in self._pages if page.is_due]
        if len(due) > 1:
            with ThreadPoolExecutor(len(due)) as pool:
                for page in due:
                    pool.submit(page.told, deadline)
        return ServerSettings(
            self._version.told(deadline), self._lookback_ms.told(deadline), self._config.told(deadline)
        )

    def external_labels(self, deadline: Deadline) -> LabelSet:
        """The labels that the server adds to each series that it hands out by remote-read."""
        # All pages at once, before reads hold all connections and a page would wait for them.
        return self.settings(deadline).config.external_labels

    def ask_again(self) -> None:
        """The connection was lost: the server may come back as another version."""
        for page in self._pages:
            page.ask_again()
