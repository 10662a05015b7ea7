"""Where a failure's signals and conditions come from: the histories that queries keep, or reads of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import NoSeries, PronoiaError
from pronoia.pipeline.failure_systems import FailureRead
from pronoia.pipeline.incremental import IncrementalReader
from pronoia.pipeline.read_problems import ReadProblems
from pronoia.series import History, SeriesFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pronoia.config.resolved_failure import ResolvedFailure
    from pronoia.pipeline.query_cycle import QueryCycle
    from pronoia.pipeline.upstream import Upstream


class FailureReader:
    """Reads what one failure needs; what cannot be read costs nothing else. Not to be shared by threads.

    Args:
        failure: which.
        upstreams: where to read, by name.
        queries: finds a running query by its name; asked anew each time, so that a reload needs no restart.
        max_series: more series of a signal or condition than that are dropped.
    """

    def __init__(
        self,
        failure: ResolvedFailure,
        upstreams: Mapping[str, Upstream],
        queries: Callable[[str], QueryCycle | None],
        *,
        max_series: int,
    ) -> None:
        self._failure = failure
        self._queries = queries
        step_ms = failure.step_seconds * 1_000
        fresh_step_ms = min(failure.infer_every_seconds * 1_000, step_ms)

        def reader(expr: str, upstream: str, history_seconds: int, fresh_step_ms: int) -> IncrementalReader:
            return IncrementalReader(
                upstreams[upstream],
                expr,
                window_ms=history_seconds * 1_000,
                step_ms=step_ms,
                fresh_step_ms=fresh_step_ms,
                max_series=max_series,
            )

        self._signals = {
            signal.name: reader(signal.expr, signal.upstream, signal.history_seconds, fresh_step_ms)
            for signal in failure.signals
            if not signal.query
        }
        self._conditions = tuple(
            (each.expr, reader(each.expr, each.upstream, each.history_seconds, step_ms)) for each in failure.conditions
        )
        consequence = "nothing new is known of it and nothing is learnt meanwhile"
        self._problems = ReadProblems(f"failure {failure.name}", consequence)

    @property
    def unread(self) -> tuple[str, ...]:
        """Signals and conditions that could not be read the last time; what was known of them is still used."""
        return self._problems.unread

    def read(self, now_ms: int) -> FailureRead:
        """What is known of each up to now.

        Raises:
            NoSeries: if there is nothing of any signal.
            UpstreamError: as reading raises it, if nothing can be read.
        """
        problems: dict[str, PronoiaError] = {}
        is_whole = not self.waits_for_queries()

        def refreshed(name: str, reader: IncrementalReader) -> History:
            try:
                return reader.refresh(now_ms)
            except PronoiaError as error:
                problems[name] = error
                return reader.history

        histories = tuple(
            self._of_query(signal.query)
            if signal.query
            else refreshed(f"signal {signal.name}", self._signals[signal.name])
            for signal in self._failure.signals
        )
        conditions = tuple(refreshed(f"condition {expr}", reader).joined() for expr, reader in self._conditions)
        self._problems.tell(problems)
        n_sources = len(self._failure.signals) + len(self._failure.conditions)
        if len(problems) == n_sources:
            raise next(iter(problems.values()))
        if histories and not any(history.n_series for history in histories):
            raise NoSeries(f"no series for {', '.join(signal.expr for signal in self._failure.signals)}")
        return FailureRead(histories, conditions, is_whole=is_whole and not problems)

    def waits_for_queries(self) -> bool:
        """Whether a query that it takes a history from has not been read at all yet."""
        queries = [self._queries(name) for name in self._failure.queries]
        return any(query is None or not query.outcomes for query in queries)

    def _of_query(self, name: str) -> History:
        query = self._queries(name)
        return query.history if query is not None else History.of(SeriesFrame.empty())
