"""Telling a plain selector from an expression, and taking a selector apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import promql_parser

from pronoia.errors import QueryError
from pronoia.promql.parse import parse
from pronoia.series.labels import METRIC_NAME
from pronoia.series.matchers import Matcher, MatchOp

if TYPE_CHECKING:
    from typing import Any

# The parser's operators compare but do not hash.
_OPERATORS = (
    (promql_parser.MatchOp.Equal, MatchOp.EQUAL),
    (promql_parser.MatchOp.NotEqual, MatchOp.NOT_EQUAL),
    (promql_parser.MatchOp.Re, MatchOp.REGEX),
    (promql_parser.MatchOp.NotRe, MatchOp.NOT_REGEX),
)


def parse_selector(expression: str) -> tuple[Matcher, ...]:
    """The matchers of an instant vector selector; the metric name becomes a matcher on `__name__`.

    Raises:
        QueryError: if the text is not PromQL, or is anything but a plain selector (no functions, no range,
            no `offset`, `@` or `or` between matchers).

    >>> [str(matcher) for matcher in parse_selector('node_load1{job="node"}')]
    ['__name__="node_load1"', 'job="node"']
    """
    parsed = parse(expression)
    if not isinstance(parsed, promql_parser.VectorSelector):
        raise QueryError(expression, 'a plain selector such as up{job="node"} is needed, got an expression')
    if parsed.offset or parsed.at:
        raise QueryError(expression, "a plain selector takes no offset and no @")
    if parsed.matchers.or_matchers:
        raise QueryError(expression, "'or' between matchers is not supported")
    try:
        return matchers_of(parsed)
    except ValueError as error:
        raise QueryError(expression, str(error)) from error


def is_plain_selector(expression: str) -> bool:
    """Whether an expression is a selector that remote-read can answer as it stands.

    Raises:
        QueryError: if the text is not PromQL.

    >>> is_plain_selector("node_load1"), is_plain_selector("rate(node_cpu_seconds_total[5m])")
    (True, False)
    """
    parsed = parse(expression)
    return (
        isinstance(parsed, promql_parser.VectorSelector)
        and not parsed.offset
        and not parsed.at
        and not parsed.matchers.or_matchers
    )


def matchers_of(parsed: Any) -> tuple[Matcher, ...]:
    """The matchers of a parsed `VectorSelector` without `or`, that of its name first.

    Raises:
        ValueError: if a regular expression is not one that Python takes.
    """
    named = [Matcher(METRIC_NAME, MatchOp.EQUAL, parsed.name)] if parsed.name else []
    return tuple(named + [Matcher(each.name, _operator(each.op), each.value) for each in parsed.matchers.matchers])


def _operator(op: Any) -> MatchOp:
    return next(ours for theirs, ours in _OPERATORS if theirs == op)
