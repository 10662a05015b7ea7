"""The parser: text to promql-parser's syntax tree, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import promql_parser

from pronoia.errors import QueryError
from pronoia.promql.syntax.complaint import complaint
from pronoia.promql.syntax.outline import Part, PartKind
from pronoia.promql.syntax.reader import outline_of
from pronoia.promql.syntax.regexp import refuse_regexp
from pronoia.promql.syntax.tokens import string_value
from pronoia.promql.syntax.unsupported import UnsupportedError

if TYPE_CHECKING:
    from typing import Any

    from pronoia.promql.syntax.outline import Outline


class Parsed(NamedTuple):
    """An expression as promql-parser sees it, and where its parts stand.

    Args:
        tree: an `Expr` of promql-parser.
        part: the same part of the expression, with its position.
    """

    tree: Any
    part: Part


def parse(expression: str) -> Parsed:
    """The syntax tree of an expression.

    Raises:
        QueryError: if the text is not PromQL, with the position where it goes wrong.
        UnsupportedError: if it is, but promql-parser does not read it.
    """
    outline = outline_of(expression)
    try:
        return Parsed(_parsed(outline, outline.root), outline.root)
    except _RefusedError as error:
        culprit, reason = _culprit(outline, outline.root, str(error))
        if culprit.kind is PartKind.MATCHER and reason.startswith("illegal regex"):
            string = outline.tokens[culprit.tokens[1] - 1]
            refuse_regexp(expression, string_value(string), string.position)
        raise QueryError(expression, complaint(reason), culprit.position) from error


class _RefusedError(Exception):
    """promql-parser's message."""


def _parsed(outline: Outline, part: Part) -> Any:
    try:
        return promql_parser.parse(outline.text(part))
    except ValueError as error:
        raise _RefusedError(str(error)) from error
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the parser is no `Exception`
        raise UnsupportedError("promql-parser fails to read this", part.position) from error


def _culprit(outline: Outline, part: Part, reason: str) -> tuple[Part, str]:
    """The innermost part that promql-parser refuses on its own, and why."""
    while True:
        for child in part.children:
            try:
                _parsed(outline, child)
            except _RefusedError as error:
                part, reason = child, str(error)
                break
        else:
            return part, reason
