"""PromQL of the queries parses, gives series, and can be read the way that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.checks.finding import Finding
from pronoia.errors import QueryError
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Number, Unsupported
from pronoia.promql.selector import is_plain_selector, parse_selector
from pronoia.promql.syntax.place import place
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
            compiled = compile_promql(query.expr)
        except QueryError as error:
            yield Finding(path, _wording(error))
            continue
        if isinstance(compiled, Unsupported):
            if ways.get(query.upstream or settings.upstreams[0].name) == "remote_read":
                problem = (
                    f"{compiled.reason} ({place(query.expr, compiled.position)}), and its upstream has "
                    "read: remote_read; with read: auto the server evaluates it"
                )
                yield Finding(path, problem, (("upstreams", "*"), ("queries", position, "upstream")))
        elif isinstance(compiled.root, Number):
            yield Finding(path, "is a constant, there is nothing to forecast")


def doubtful_expressions(settings: Settings) -> Iterator[Finding]:
    """Selectors of what is by its name a counter: it only grows, and its rate is what people mean."""
    for position, query in enumerate(settings.queries):
        name = _metric_name(query.expr)
        if name.endswith(_COUNTER_ENDINGS):
            problem = f"{name} looks like a counter, which only grows; rate({name}[5m]) is mostly meant"
            yield Finding(("queries", position, "expr"), problem)


def expression_problem(expression: str) -> str | None:
    """What is wrong with an expression, or None."""
    try:
        compile_promql(expression)
    except QueryError as error:
        return _wording(error)
    return None


def _wording(error: QueryError) -> str:
    if error.position is None:
        return error.reason
    return f"not PromQL {place(error.expression, error.position)}: {error.reason}"


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
