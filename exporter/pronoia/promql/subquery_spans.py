"""How many points the subqueries of a plan are evaluated at, and which are too many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.errors import QueryTooLarge
from pronoia.promql.plan import Aggregate, Binary, Call, Negate, Subquery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.promql.plan import Node, Plan


@dataclass(frozen=True, slots=True)
class SubquerySpan:
    """A subquery and the time over which it is evaluated for one instant of the whole expression.

    Args:
        subquery: the node.
        span_ms: its own range, and those of the subqueries around it.
        is_fixed: whether `@`, here or further out, keeps the span where it is for every instant.
    """

    subquery: Subquery
    span_ms: int
    is_fixed: bool = False

    def n_points(self, width_ms: int = 0) -> int:
        """Points for each series, when the whole expression is evaluated over a range of this width."""
        return (self.span_ms + (0 if self.is_fixed else width_ms)) // self.subquery.step_ms + 1


def subquery_spans(plan: Plan) -> Iterator[SubquerySpan]:
    """All subqueries, outer ones before those inside them.

    >>> from pronoia.promql.compiler import compile
    >>> plan = compile("max_over_time(rate(a[5m])[1h:1m])")
    >>> [span.n_points() for span in subquery_spans(plan)]
    [61]
    """
    return _spans(plan.root, 0, is_fixed=False)


def refuse_long_subqueries(plan: Plan, max_points: int) -> None:
    """Refuse subqueries of too many points.

    Args:
        plan: a compiled expression.
        max_points: for each series, at one instant.

    Raises:
        QueryTooLarge: naming the first such subquery.
    """
    for span in subquery_spans(plan):
        if span.n_points() > max_points:
            found = f"this subquery needs {span.n_points()} points for each series, max_subquery_points is {max_points}"
            hint = "lengthen its step or shorten its range"
            raise QueryTooLarge(plan.expression, f"{found}; {hint}", span.subquery.position)


def _spans(node: Node, span_ms: int, *, is_fixed: bool) -> Iterator[SubquerySpan]:
    if isinstance(node, Subquery):
        if node.timing.at is not None:
            span_ms, is_fixed = 0, True
        span_ms += node.range_ms
        yield SubquerySpan(node, span_ms, is_fixed)
    for child in _children(node):
        yield from _spans(child, span_ms, is_fixed=is_fixed)


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Subquery() | Negate():
            return (node.expression,)
        case Call():
            return node.arguments
        case Aggregate():
            return (node.expression,) if node.parameter is None else (node.expression, node.parameter)
        case Binary():
            return (node.left, node.right)
    return ()
