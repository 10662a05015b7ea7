"""Where the values of a watch come from: the histories that queries keep, or reads of its own."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pronoia.errors import NoSeries, PronoiaError
from pronoia.pipeline.incremental import IncrementalReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pronoia.config.resolved_anomaly import ResolvedWatch
    from pronoia.pipeline.query_cycle import QueryCycle
    from pronoia.pipeline.upstream import Upstream
    from pronoia.series import History

_log = logging.getLogger(__name__)


class AnomalyReader:
    """Reads the queries of one watch; one that cannot be read costs only its own metrics. Not to be shared by threads.

    A query whose samples lie no further apart than the watch's steps is not read again.

    Args:
        watch: which.
        queries: finds a running query by its name; asked anew each time, so that a reload needs no restart.
        upstreams: where to read, by name.
        max_series: more series of a query than that are dropped.
    """

    def __init__(
        self,
        watch: ResolvedWatch,
        queries: Callable[[str], QueryCycle | None],
        upstreams: Mapping[str, Upstream],
        *,
        max_series: int,
    ) -> None:
        self.max_series = max_series
        self._watch = watch
        self._queries = queries
        step_ms = watch.step_seconds * 1_000
        self._own = {
            query.name: IncrementalReader(
                upstreams[query.upstream],
                query.expr,
                window_ms=watch.history_seconds * 1_000,
                step_ms=step_ms,
                fresh_step_ms=step_ms,
                overlap_ms=int(watch.overlap_seconds * 1_000),
                max_series=max_series,
            )
            for query in watch.queries
            if query.step_seconds > watch.step_seconds
        }
        self._problems: dict[str, str] = {}

    @property
    def unread(self) -> tuple[str, ...]:
        """Queries that could not be read the last time; what was known of them before is still used."""
        return tuple(self._problems)

    def histories(self, now_ms: int) -> dict[str, History]:
        """What is known of each query up to now.

        Raises:
            NoSeries: if there is nothing of any of them.
            UpstreamError: as reading raises it, if none of them can be read.
        """
        found: dict[str, History] = {}
        problems: dict[str, PronoiaError] = {}
        for query in self._watch.queries:
            try:
                history = self._history(query.name, now_ms)
            except PronoiaError as error:
                problems[query.name] = error
                history = self._own[query.name].history
            if history is not None and history.n_series:
                found[query.name] = history
        self._tell(problems)
        if problems and len(problems) == len(self._watch.queries):
            raise next(iter(problems.values()))
        if not found:
            raise NoSeries(f"no series for {', '.join(query.name for query in self._watch.queries)}")
        return found

    def _history(self, name: str, now_ms: int) -> History | None:
        if name in self._own:
            return self._own[name].refresh(now_ms)
        query = self._queries(name)
        return None if query is None else query.history

    def _tell(self, problems: Mapping[str, PronoiaError]) -> None:
        """Each change once, not every round."""
        told = {name: str(error) for name, error in problems.items()}
        for name, problem in told.items():
            if self._problems.get(name) != problem:
                _log.warning(
                    "%s: query %s cannot be read, its metrics stand still: %s", self._watch.name, name, problem
                )
        self._problems = told
