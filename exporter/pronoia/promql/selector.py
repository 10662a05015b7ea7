"""Telling a plain selector from an expression, and taking a selector apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import promql_parser

from pronoia.errors import QueryError
from pronoia.promql.syntax.parse import parse
from pronoia.promql.syntax.unsupported import UnsupportedError
from pronoia.series.labels import METRIC_NAME
from pronoia.series.matchers import Matcher, MatchOp

if TYPE_CHECKING:
    from typing import Any

    from pronoia.promql.syntax.outline import Part

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
    try:
        tree, part = parse(expression)
        if not isinstance(tree, promql_parser.VectorSelector):
            raise QueryError(expression, 'a plain selector such as up{job="node"} is needed, got an expression')
        if tree.offset or tree.at:
            raise QueryError(expression, "a plain selector takes no offset and no @", part.position)
        return matchers_of(tree, part.of_node(tree)[0])
    except UnsupportedError as error:
        raise QueryError(expression, error.reason, error.position) from error


def is_plain_selector(expression: str) -> bool:
    """Whether an expression is a selector that remote-read can answer as it stands.

    Raises:
        QueryError: if the text is not PromQL.

    >>> is_plain_selector("node_load1"), is_plain_selector("rate(node_cpu_seconds_total[5m])")
    (True, False)
    """
    try:
        tree, part = parse(expression)
        if not isinstance(tree, promql_parser.VectorSelector) or tree.offset or tree.at:
            return False
        matchers_of(tree, part.of_node(tree)[0])
    except UnsupportedError:
        return False
    return True


def matchers_of(tree: Any, part: Part) -> tuple[Matcher, ...]:
    """The matchers of a parsed `VectorSelector`, that of its name first.

    Raises:
        UnsupportedError: if a regular expression is not one that Python takes.
    """
    matchers = [Matcher(METRIC_NAME, MatchOp.EQUAL, tree.name)] if tree.name else []
    for matcher, written in zip(tree.matchers.matchers, part.children, strict=True):
        op = next(ours for theirs, ours in _OPERATORS if theirs == matcher.op)
        try:
            matchers.append(Matcher(matcher.name, op, matcher.value))
        except ValueError as error:
            reason = f"the regular expression {matcher.value!r} is not evaluated here"
            raise UnsupportedError(reason, written.position) from error
    return tuple(matchers)
