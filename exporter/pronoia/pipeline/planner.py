"""Planner: which expressions are evaluated here, and by what plan."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pronoia.errors import QueryError
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Plan, Unsupported
from pronoia.promql.subquery_spans import refuse_long_subqueries

if TYPE_CHECKING:
    from pronoia.pipeline.local_evaluation import NativeHistogramsFound
    from pronoia.pipeline.server_semantics import ServerSemantics
    from pronoia.transport.deadline import Deadline
    from pronoia.transport.session import UpstreamSession

_log = logging.getLogger(__name__)


class Planner:
    """Compiles expressions as the server at hand means them. Safe to share by threads.

    Args:
        session: the upstream's session.
        semantics: what expressions mean to the upstream.
    """

    def __init__(self, session: UpstreamSession, semantics: ServerSemantics) -> None:
        self._session = session
        self._semantics = semantics
        # Expressions over native histograms, which only turn out when they are read.
        self._left_to_server: set[str] = set()

    def evaluates(self, expression: str) -> bool:
        """Whether an expression is evaluated here, as far as is known; asks nobody.

        Raises:
            QueryError: if it is not PromQL.
        """
        return expression not in self._left_to_server and isinstance(compile_promql(expression), Plan)

    def plan(self, expression: str, deadline: Deadline) -> Plan | None:
        """The plan of an expression that is evaluated here; None for one that is left to the server.

        Raises:
            QueryError: if it is not PromQL, or is not evaluated here where nobody else may (`read: remote_read`).
            QueryTooLarge: if a subquery needs more points for each series than allowed.
        """
        if not self._has_choice or expression not in self._left_to_server:
            compiled = compile_promql(expression, self._semantics.current(deadline))
            if isinstance(compiled, Plan):
                refuse_long_subqueries(compiled, self._session.settings.limits.max_subquery_points)
                return compiled
            if not self._has_choice:
                raise not_evaluated(expression, compiled)
        return None

    def leave_to_server(self, expression: str, found: NativeHistogramsFound) -> None:
        """From now on the server evaluates the expression.

        Raises:
            NativeHistogramsFound: as given, where nobody else may evaluate it.
        """
        if not self._has_choice:
            raise found
        name = self._session.settings.name
        if expression not in self._left_to_server:
            self._left_to_server.add(expression)
            _log.info("upstream %s: %s is evaluated by the server from now on: %s", name, expression, found)
            self._session.observer.on_fallback(name, "native_histograms")

    @property
    def _has_choice(self) -> bool:
        return self._session.settings.read == "auto"


def not_evaluated(expression: str, unsupported: Unsupported) -> QueryError:
    """The error for an expression that must be evaluated here and cannot be."""
    return QueryError(expression, f"{unsupported.reason}, and its upstream has read: remote_read", unsupported.position)
