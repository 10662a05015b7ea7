"""Where the values of a watch come from: the histories that queries keep, or reads of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.errors import NoSeries, PronoiaError
from pronoia.pipeline.incremental import IncrementalReader
from pronoia.pipeline.read_problems import ReadProblems
from pronoia.series.timerange import NEVER_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pronoia.config.resolved_anomaly import ResolvedWatch
    from pronoia.pipeline.query_cycle import QueryCycle
    from pronoia.pipeline.upstream import Upstream
    from pronoia.series import History

# A query that has not been read for so many rounds or steps keeps the others waiting no longer.
_PATIENCE = 2


@dataclass(frozen=True, slots=True, eq=False)
class AnomalyRead:
    """What is known of the queries of a watch.

    Args:
        histories: by query.
        until_ms: up to when they have been read. Later steps have values of some and not of others, and wait.
    """

    histories: Mapping[str, History]
    until_ms: int


class AnomalyReader:
    """Reads the queries of one watch; one that cannot be read costs only its own metrics. Not to be shared by threads.

    A query that keeps what the watch needs is not read again.

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
            if not query.has_values
        }
        self._problems = ReadProblems(watch.name, "its metrics stand still")

    @property
    def unread(self) -> tuple[str, ...]:
        """Queries that could not be read the last time; what was known of them before is still used."""
        return self._problems.unread

    def read(self, now_ms: int) -> AnomalyRead:
        """What is known of each query up to now.

        Raises:
            NoSeries: if there is nothing of any of them, or one that runs has not been read for the first time: what
                is learnt of a system without its metrics would stand for a day.
            UpstreamError: as reading raises it, if none of them can be read.
        """
        if unread := self.awaited_queries():
            raise NoSeries(f"not read yet: {', '.join(unread)}")
        found: dict[str, History] = {}
        until_ms: list[int] = []
        problems: dict[str, PronoiaError] = {}
        for query in self._watch.queries:
            try:
                history = self._history(query.name, now_ms)
            except PronoiaError as error:
                problems[f"query {query.name}"] = error
                history = self._own[query.name].history
            if history is not None and history.n_series:
                found[query.name] = history
                until_ms.append(self._read_until_ms(query.name))
        self._problems.tell(problems)
        if problems and len(problems) == len(self._watch.queries):
            raise next(iter(problems.values()))
        if not found:
            raise NoSeries(f"no series for {', '.join(query.name for query in self._watch.queries)}")
        patience_ms = _PATIENCE * max(self._watch.infer_every_seconds, self._watch.step_seconds) * 1_000
        awaited = [each for each in until_ms if now_ms - each <= patience_ms]
        # Nothing is gone over while none is read: what comes then is scored then.
        return AnomalyRead(found, min(now_ms, min(awaited) if awaited else max(until_ms)))

    def awaited_queries(self) -> tuple[str, ...]:
        """Queries of which nobody knows yet whether they can be read."""
        running = ((query.name, self._queries(query.name)) for query in self._watch.queries)
        return tuple(
            name for name, query in running if name not in self._own and query is not None and not query.outcomes
        )

    def _history(self, name: str, now_ms: int) -> History | None:
        if name in self._own:
            return self._own[name].refresh(now_ms)
        query = self._queries(name)
        return None if query is None else query.history

    def _read_until_ms(self, name: str) -> int:
        if name in self._own:
            return self._own[name].read_until_ms
        query = self._queries(name)
        return NEVER_MS if query is None else query.read_until_ms
