"""PromQL of the queries parses, gives series, and can be read the way that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import promql_parser

from pronoia.config.checks.finding import Finding
from pronoia.errors import QueryError
from pronoia.promql.selector import is_plain_selector, parse_selector
from pronoia.series.labels import METRIC_NAME
from pronoia.series.matchers import MatchOp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.schema.settings import Settings

# Endings that mark counters by convention; a histogram's parts count as well.
_COUNTER_ENDINGS = ("_total", "_count", "_sum", "_bucket")


def check_expressions(settings: Settings) -> Iterator[Finding]:
    """Problems with the queries' expressions."""
    ways = {upstream.name: upstream.read for upstream in settings.upstreams}
    for position, query in enumerate(settings.queries):
        path = ("queries", position, "expr")
        try:
            plain = is_plain_selector(query.expr)
        except QueryError as error:
            yield Finding(path, f"not PromQL: {error.reason}")
            continue
        if not plain and (problem := _gives_no_series(query.expr)):
            yield Finding(path, problem)
        elif not plain and ways.get(query.upstream or settings.upstreams[0].name) == "remote_read":
            problem = "its upstream has read: remote_read, which answers plain selectors only; read: auto does both"
            yield Finding(path, problem, (("upstreams", "*"), ("queries", position, "upstream")))


def doubtful_expressions(settings: Settings) -> Iterator[Finding]:
    """Selectors of what is by its name a counter: it only grows, and its rate is what people mean."""
    for position, query in enumerate(settings.queries):
        name = _metric_name(query.expr)
        if name.endswith(_COUNTER_ENDINGS):
            problem = f"{name} looks like a counter, which only grows; rate({name}[5m]) is mostly meant"
            yield Finding(("queries", position, "expr"), problem)


def _gives_no_series(expression: str) -> str:
    parsed = promql_parser.parse(expression)
    if isinstance(parsed, promql_parser.MatrixSelector | promql_parser.SubqueryExpr):
        return "gives ranges of samples, not series; put a function such as rate() around it"
    if isinstance(parsed, promql_parser.NumberLiteral | promql_parser.StringLiteral):
        return "is a constant, there is nothing to forecast"
    return ""


def _metric_name(expression: str) -> str:
    """The metric that a plain selector names; empty for all else."""
    if not is_plain_selector(expression):
        return ""
    names = (
        matcher.value
        for matcher in parse_selector(expression)
        if matcher.name == METRIC_NAME and matcher.op == MatchOp.EQUAL
    )
    return next(names, "")
