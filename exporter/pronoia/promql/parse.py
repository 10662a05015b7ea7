"""The parser: text to promql-parser's syntax tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import promql_parser

from pronoia.errors import QueryError

if TYPE_CHECKING:
    from typing import Any


def parse(expression: str) -> Any:
    """The syntax tree of an expression.

    Raises:
        QueryError: if the text is not PromQL.
    """
    try:
        return promql_parser.parse(expression)
    except ValueError as error:
        raise QueryError(expression, str(error)) from error
