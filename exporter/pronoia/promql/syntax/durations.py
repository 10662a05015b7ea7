"""Reading the numbers, durations and times of PromQL's grammar."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pronoia.promql.syntax.tokens import TokenKind, duration_seconds

if TYPE_CHECKING:
    from pronoia.promql.syntax.cursor import Cursor

# Go's durations are nanoseconds, its times milliseconds, both of 64 bits.
_MAX_DURATION_SECONDS = 2**63 / 1e9
_MAX_TIME_SECONDS = 2**63 / 1e3
_NEEDED = "a duration such as 5m"
_LITERALS = (TokenKind.NUMBER, TokenKind.DURATION)


def read_range(cursor: Cursor) -> None:
    """A range or a step, in brackets."""
    first = cursor.token
    seconds = _term(cursor)
    while cursor.takes("+", "-", "*", "/", "%", "^"):
        _term(cursor)
        seconds = None
    if seconds is None:
        cursor.leave_unread("arithmetic of durations is not evaluated here", first.position)
    elif seconds < 0.001:
        cursor.fail("a range or a step is at least a millisecond", first.position)


def read_offset(cursor: Cursor) -> None:
    """What follows `offset`."""
    first = cursor.token
    if _term(cursor) is None:
        cursor.leave_unread("arithmetic of durations is not evaluated here", first.position)


def read_time_ms(cursor: Cursor) -> int:
    """A number after `@`; what promql-parser reads in its place is 0, for it takes no times before 1970."""
    first = cursor.token
    sign = -1 if first.keyword == "-" else 1
    if cursor.takes("-", "+"):
        cursor.rewritten[cursor.next - 1] = "+"
    seconds = sign * _literal(cursor, "a time in seconds, start() or end()")
    if not abs(seconds) < _MAX_TIME_SECONDS:
        cursor.fail("the time after @ is out of range", first.position)
    cursor.rewritten[cursor.next - 1] = "0"
    # Halves go away from zero, as Go rounds.
    return int(math.copysign(math.floor(abs(seconds) * 1000 + 0.5), seconds))


def read_number(cursor: Cursor) -> None:
    """A number or a duration, which is a number of seconds."""
    _literal(cursor, "a number")


def _term(cursor: Cursor) -> float | None:
    """A length, signed or not, in seconds; None for what is more than one, an experiment of Prometheus."""
    first = cursor.token
    sign = -1 if cursor.keyword == "-" else 1
    cursor.takes("-", "+")
    if cursor.keyword == "(":
        opening = cursor.take()
        _arithmetic(cursor)
        cursor.close(opening, ")", "an operator")
        return None
    if cursor.keyword in ("step", "range") and cursor.followed_by("("):
        cursor.take()
        cursor.close(cursor.take(), ")", "nothing")
        return None
    if cursor.keyword in ("min", "max", "min_of", "max_of") and cursor.followed_by("("):
        cursor.take()
        opening = cursor.take()
        _arithmetic(cursor)
        if not cursor.takes(","):
            cursor.unexpected("','")
        _arithmetic(cursor)
        cursor.close(opening, ")", "an operator")
        return None
    seconds = sign * _literal(cursor, _NEEDED)
    if not abs(seconds) <= _MAX_DURATION_SECONDS:
        cursor.fail("the duration is out of range", first.position)
    return seconds


def _arithmetic(cursor: Cursor) -> None:
    _term(cursor)
    while cursor.takes("+", "-", "*", "/", "%", "^"):
        _term(cursor)


def _literal(cursor: Cursor, needed: str) -> float:
    token = cursor.token
    if token.kind not in _LITERALS and token.keyword not in ("inf", "nan"):
        cursor.unexpected(needed)
    cursor.take()
    if token.kind is TokenKind.WORD:
        return float(token.text)
    if token.kind is TokenKind.NUMBER:
        if "_" in token.text:
            cursor.rewritten[cursor.next - 1] = token.text.replace("_", "")
        number = _number(token.text)
        if math.isinf(number):
            cursor.fail(f"the number {token} is too large", token.position)
        return number
    seconds = duration_seconds(token.text)
    if not seconds <= _MAX_DURATION_SECONDS:
        cursor.fail(f"the duration {token} is out of range", token.position)
    if not seconds:
        cursor.rewritten[cursor.next - 1] = "0"
    return seconds


def _number(text: str) -> float:
    """As Go reads integers and floats: a leading 0 is octal where it can be."""
    digits = text.replace("_", "")
    if digits[:2] in ("0x", "0X"):
        return float(int(digits, 16))
    if digits.isdigit() and digits[0] == "0" and not set(digits) & {"8", "9"}:
        return float(int(digits, 8))
    return float(digits)
