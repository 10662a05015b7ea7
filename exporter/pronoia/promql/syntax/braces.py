"""Reading lists of PromQL's grammar: matchers in braces and label names in parentheses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.promql.syntax.outline import PartKind
from pronoia.promql.syntax.tokens import TokenKind

if TYPE_CHECKING:
    from pronoia.promql.syntax.cursor import Cursor
    from pronoia.promql.syntax.outline import Part

_MATCH_OPERATORS = ("=", "!=", "=~", "!~")


def read_matchers(cursor: Cursor) -> tuple[Part, ...]:
    """Matchers in braces, from the opening to the closing one."""
    opening = cursor.take()
    matchers = []
    while not cursor.takes("}"):
        if cursor.at_end:
            cursor.fail(f"the {opening} here is not closed", opening.position)
        matchers.append(_matcher(cursor))
        if cursor.keyword == "or":
            # VictoriaMetrics', not Prometheus'.
            cursor.leave_unread("'or' between matchers is not evaluated here", cursor.take().position)
        elif not cursor.takes(","):
            cursor.close(opening, "}", "','")
            break
    return tuple(matchers)


def read_labels(cursor: Cursor) -> None:
    """Label names in parentheses."""
    opening = cursor.token
    if not cursor.takes("("):
        cursor.unexpected("'(' with label names")
    while not cursor.takes(")"):
        if cursor.at_end:
            cursor.fail(f"the {opening} here is not closed", opening.position)
        token = cursor.token
        if (
            token.kind not in (TokenKind.WORD, TokenKind.STRING)
            or ":" in token.keyword
            or token.keyword in ("inf", "nan")
        ):
            cursor.unexpected("a label name or ')'")
        cursor.take()
        if not cursor.takes(","):
            cursor.close(opening, ")", "','")
            break


def _matcher(cursor: Cursor) -> Part:
    first, label = cursor.next, cursor.token
    if label.kind not in (TokenKind.WORD, TokenKind.STRING) or ":" in label.keyword:
        cursor.unexpected("a label name or '}'")
    cursor.take()
    if label.kind is TokenKind.STRING and cursor.keyword in (",", "}"):
        return cursor.part(PartKind.MATCHER, first, label.position)
    if not cursor.takes(*_MATCH_OPERATORS):
        if cursor.at_end or cursor.keyword == "==":
            cursor.unexpected("=, !=, =~ or !~")
        cursor.unexpected(f"=, !=, =~ or !~ after the label {label}")
    value = cursor.token
    if value.kind is not TokenKind.STRING:
        cursor.unexpected("a value in quotes")
    cursor.take()
    return cursor.part(PartKind.MATCHER, first, value.position)
