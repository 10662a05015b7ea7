"""How a query is read, in words."""

from __future__ import annotations

from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Unsupported
from pronoia.promql.selector import is_plain_selector
from pronoia.promql.syntax.place import place


def way(expression: str, read: str) -> str:
    """How an expression is read from an upstream whose `read` is given.

    Raises:
        QueryError: if it is not PromQL.

    >>> way("up", "auto"), way("sum(up)", "auto"), way("sum(up)", "query_api")
    ('remote-read', 'remote-read, evaluated here', 'HTTP API')
    >>> way("1 + limitk(3, up)", "auto")
    'HTTP API: the aggregation limitk is not evaluated here at character 5'
    """
    if read == "query_api":
        return "HTTP API"
    compiled = compile_promql(expression)
    if isinstance(compiled, Unsupported):
        return f"HTTP API: {compiled.reason} {place(expression, compiled.position)}"
    return "remote-read" if is_plain_selector(expression) else "remote-read, evaluated here"
