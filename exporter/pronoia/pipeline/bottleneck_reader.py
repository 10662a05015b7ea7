"""Where a resource's utilisation comes from: the history that its query keeps, or reads of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import NoSeries
from pronoia.pipeline.incremental import IncrementalReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.pipeline.query_cycle import QueryCycle
    from pronoia.pipeline.upstream import Upstream
    from pronoia.series import History


class BottleneckReader:
    """Reads what the features of one resource need. Not to be shared by threads.

    Args:
        resource: which.
        queries: finds a running query by its name; asked anew each time, so that a reload needs no restart.
        upstream: where to read, if no query keeps what is needed.
        max_series: more series than that are dropped.
    """

    def __init__(
        self,
        resource: ResolvedResource,
        queries: Callable[[str], QueryCycle | None],
        upstream: Upstream,
        *,
        max_series: int,
    ) -> None:
        self._resource = resource
        self._queries = queries
        self._own: IncrementalReader | None = None
        slot_ms = resource.slot_seconds * 1000
        if resource.reads_for_itself:
            self._own = IncrementalReader(
                upstream,
                resource.expr,
                window_ms=resource.history_seconds * 1000,
                step_ms=slot_ms,
                fresh_step_ms=min(resource.infer_every_seconds * 1000, slot_ms),
                overlap_ms=int(resource.overlap_seconds * 1000),
                max_series=max_series,
            )

    @property
    def waits_for_query(self) -> bool:
        """Whether the query that keeps what is needed has not been read at all yet."""
        if self._own is not None:
            return False
        query = self._queries(self._resource.query)
        return query is None or not query.outcomes

    def utilisation(self, now_ms: int) -> History:
        """The resource's own history up to now.

        Raises:
            NoSeries: if there is nothing yet.
            UpstreamError: as reading raises it.
        """
        if self._own is not None:
            history = self._own.refresh(now_ms)
            if not history.n_series:
                raise NoSeries(f"no series for {self._resource.expr}")
            return history
        query = self._queries(self._resource.query)
        if query is None or not query.history.n_series:
            raise NoSeries(f"the query {self._resource.query} has no series yet")
        return query.history

    def companions(self) -> dict[str, History]:
        """The histories of the other metrics, by kind, of the queries that run; some may have nothing yet."""
        queries = {kind: self._queries(name) for kind, name in self._resource.companions}
        return {kind: query.history for kind, query in queries.items() if query is not None}

    def further(self) -> dict[str, History]:
        """The histories that configured features are made of, by query; some may have nothing yet."""
        names = {query for metric in self._resource.features.metrics for _, query, _ in metric.queries}
        queries = {name: self._queries(name) for name in sorted(names)}
        return {name: query.history for name, query in queries.items() if query is not None}
