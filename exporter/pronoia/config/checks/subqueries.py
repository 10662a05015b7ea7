"""Subqueries keep to the points that are allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.checks.finding import Finding
from pronoia.config.upstream_settings import promql_settings
from pronoia.errors import QueryError, QueryTooLarge
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Plan
from pronoia.promql.semantics import Semantics
from pronoia.promql.subquery_spans import refuse_long_subqueries
from pronoia.promql.syntax.place import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.schema.settings import Settings
    from pronoia.config.schema.upstream import Upstream


def check_subqueries(settings: Settings) -> Iterator[Finding]:
    """Subqueries that would need more points for each series than their upstream allows.

    Where the step of those that name none is not configured, it is taken for Prometheus' default; a server that has
    another is found out when it is asked.
    """
    upstreams = {upstream.name: upstream for upstream in settings.upstreams}
    for position, query in enumerate(settings.queries):
        upstream = upstreams.get(query.upstream or settings.upstreams[0].name)
        if upstream is None or upstream.read == "query_api":
            continue
        try:
            plan = compile_promql(query.expr, _semantics(upstream))
            if isinstance(plan, Plan):
                refuse_long_subqueries(plan, upstream.limits.max_subquery_points)
        except QueryTooLarge as error:
            where = "" if error.position is None else f"at character {error.position + 1}: "
            where = "" if error.position is None else f"{place(query.expr, error.position)}: "
            yield Finding(("queries", position, "expr"), f"{where}{error.reason}", (("upstreams", "*", "limits"),))
        except QueryError:
            # Told by another check.
            continue


def _semantics(upstream: Upstream) -> Semantics:
    interval_ms = promql_settings(upstream.promql).evaluation_interval_ms
    return Semantics() if interval_ms is None else Semantics(subquery_step_ms=interval_ms)
