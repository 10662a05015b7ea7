"""Where malformed text goes wrong: a reader of PromQL's grammar that points at the first token that cannot stand there.

promql-parser says whether an expression is right, and what it is; this says where. It also notes what Prometheus
reads and promql-parser does not. Types of arguments, names of functions and the like are left to promql-parser.
"""

from __future__ import annotations

from pronoia.promql.syntax.braces import read_labels, read_matchers
from pronoia.promql.syntax.cursor import Cursor
from pronoia.promql.syntax.durations import read_number, read_offset, read_range, read_time_ms
from pronoia.promql.syntax.grammar import AGGREGATIONS, FILLS, KEYWORDS, POWER, PRECEDENCE, RESERVED
from pronoia.promql.syntax.outline import Outline, Part, PartKind
from pronoia.promql.syntax.tokens import TokenKind
from pronoia.promql.syntax.unsupported import UnsupportedError

#: Parentheses, calls and operators in each other.
MAX_NESTING = 100
#: Also counts operators in a row: promql-parser's time grows with their square, and its stack ends at some thousands.
MAX_LEVELS = 200
# Prometheus 2's names of what promql-parser knows by Prometheus 3's.
_RENAMED = {"holt_winters": "double_exponential_smoothing"}


def outline_of(expression: str) -> Outline:
    """The parts of an expression.

    Raises:
        QueryError: if the text is not PromQL's grammar, with the position where it ceases to be.
        UnsupportedError: if it is, but promql-parser cannot read it.

    >>> outline_of("sum(x]")
    Traceback (most recent call last):
    pronoia.errors.QueryError: unexpected ']', an operator, ',' or ')' is needed at character 6 in 'sum(x]'
    """
    cursor = Cursor(expression)
    if cursor.at_end:
        cursor.fail("there is no expression")
    root = _Grammar(cursor).binary(0)
    if cursor.keyword == ")":
        cursor.fail("unexpected ')', no parenthesis is open")
    if cursor.keyword == "=":
        cursor.fail("unexpected '=', values are compared by '=='")
    if not cursor.at_end:
        cursor.unexpected("an operator or the end of the expression")
    for token in cursor.tokens:
        if token.has_byte_escapes:
            cursor.leave_unread("bytes in a string that are no characters are not read", token.position)
    if cursor.unread is not None:
        raise cursor.unread
    if root.levels > MAX_LEVELS:
        raise UnsupportedError(f"more than {MAX_LEVELS} levels of operators are not evaluated here", 0)
    return Outline(cursor.tokens, root, cursor.rewritten)


class _Grammar:
    """One rule a method; each reads what it is named for, from the next token on."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._nesting = 0

    def binary(self, weakest: int) -> Part:
        """An expression of operators that bind at least so strongly."""
        cursor = self._cursor
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            cursor.fail(f"expressions that nest more than {MAX_NESTING} levels deep are not read")
        first = cursor.next
        left = self._signed()
        while (precedence := PRECEDENCE.get(cursor.keyword, -1)) >= weakest:
            operator = cursor.take()
            self._matching()
            right = self.binary(precedence if precedence == POWER else precedence + 1)
            left = cursor.part(PartKind.BINARY, first, operator.position, left, right)
        self._nesting -= 1
        return left

    def _matching(self) -> None:
        """What may follow an operator."""
        cursor = self._cursor
        cursor.takes("bool")
        if cursor.takes("on", "ignoring"):
            read_labels(cursor)
            if cursor.takes("group_left", "group_right") and cursor.keyword == "(":
                read_labels(cursor)
        while cursor.keyword in FILLS and cursor.followed_by("("):
            fill, opening = cursor.take(), cursor.take()
            cursor.leave_unread(f"{fill.keyword} is not evaluated here", fill.position)
            cursor.takes("-", "+")
            read_number(cursor)
            cursor.close(opening, ")", "nothing")

    def _signed(self) -> Part:
        cursor, first = self._cursor, self._cursor.next
        if cursor.keyword not in ("+", "-"):
            return self._modified()
        sign = cursor.take()
        # A sign binds as multiplication does: only what binds more strongly is its operand.
        operand = self.binary(POWER)
        kind = PartKind.NEGATION if sign.keyword == "-" else PartKind.PLUS
        return cursor.part(kind, first, sign.position, operand)

    def _modified(self) -> Part:
        """An operand with the ranges, offsets and times that follow it."""
        cursor, first = self._cursor, self._cursor.next
        part = self._operand()
        while True:
            token = cursor.token
            match cursor.keyword:
                case "[":
                    part = self._range(first, part)
                case "offset":
                    cursor.take()
                    read_offset(cursor)
                    part = cursor.part(PartKind.OFFSET, first, token.position, part)
                case "@":
                    cursor.take()
                    at_ms = self._time_ms()
                    part = cursor.part(PartKind.AT, first, token.position, part, at_ms=at_ms)
                case "anchored" | "smoothed":
                    cursor.take()
                    cursor.leave_unread(f"{token.keyword} is not evaluated here", token.position)
                case _:
                    return part

    def _range(self, first: int, of: Part) -> Part:
        cursor, kind = self._cursor, PartKind.RANGE
        opening = cursor.take()
        read_range(cursor)
        if cursor.takes(":"):
            kind = PartKind.SUBQUERY
            if cursor.keyword != "]" and not cursor.at_end:
                read_range(cursor)
        cursor.close(opening, "]", "':'" if kind is PartKind.RANGE else "a step")
        return cursor.part(kind, first, opening.position, of)

    def _time_ms(self) -> int | None:
        cursor = self._cursor
        if not cursor.takes("start", "end"):
            return read_time_ms(cursor)
        if not (cursor.takes("(") and cursor.takes(")")):
            cursor.unexpected("'()'")
        return None

    def _operand(self) -> Part:
        cursor, first, token = self._cursor, self._cursor.next, self._cursor.token
        if token.kind in (TokenKind.NUMBER, TokenKind.DURATION) or token.keyword in ("inf", "nan"):
            read_number(cursor)
            return cursor.part(PartKind.NUMBER, first, token.position)
        if token.kind is TokenKind.STRING:
            cursor.take()
            return cursor.part(PartKind.STRING, first, token.position)
        if token.kind is TokenKind.WORD:
            return self._named()
        if token.keyword == "(":
            cursor.take()
            inside = self.binary(0)
            cursor.close(token, ")", "an operator")
            return cursor.part(PartKind.PAREN, first, token.position, inside)
        if token.keyword == "{":
            matchers = read_matchers(cursor)
            return cursor.part(PartKind.SELECTOR, first, token.position, *matchers)
        return cursor.unexpected("an expression")

    def _named(self) -> Part:
        """What begins with a word: an aggregation, a call or a selector."""
        cursor, first, word = self._cursor, self._cursor.next, self._cursor.token
        cursor.take()
        if word.keyword in AGGREGATIONS and cursor.keyword in ("(", "by", "without"):
            return self._aggregation(first)
        if word.keyword in RESERVED or (word.keyword in KEYWORDS and cursor.keyword == "("):
            cursor.fail(f"unexpected {word}, an expression is needed", word.position)
        if cursor.keyword == "(":
            if word.text in _RENAMED:
                cursor.rewritten[first] = _RENAMED[word.text]
            arguments = self._arguments()
            return cursor.part(PartKind.CALL, first, word.position, *arguments)
        matchers = read_matchers(cursor) if cursor.keyword == "{" else ()
        return cursor.part(PartKind.SELECTOR, first, word.position, *matchers)

    def _aggregation(self, first: int) -> Part:
        cursor = self._cursor
        grouped = cursor.takes("by", "without")
        if grouped:
            read_labels(cursor)
        if cursor.keyword != "(":
            cursor.unexpected("'(' with what to aggregate")
        arguments = self._arguments()
        if not grouped and cursor.takes("by", "without"):
            read_labels(cursor)
        return cursor.part(PartKind.AGGREGATION, first, cursor.tokens[first].position, *arguments)

    def _arguments(self) -> tuple[Part, ...]:
        """Expressions in parentheses."""
        cursor = self._cursor
        opening = cursor.take()
        if cursor.takes(")"):
            return ()
        if cursor.at_end:
            cursor.fail(f"the {opening} here is not closed", opening.position)
        arguments = [self.binary(0)]
        while cursor.takes(","):
            if cursor.keyword == ")":
                cursor.fail("unexpected ')' after ',', another argument is needed")
            arguments.append(self.binary(0))
        cursor.close(opening, ")", "an operator, ','")
        return tuple(arguments)
