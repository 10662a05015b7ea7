"""PromQL's tokens with their positions, which promql-parser does not tell."""

from __future__ import annotations

import ast
import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pronoia.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*)+")
_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
# Where a colon stands between range and step, or nowhere.
_WORD_IN_BRACKETS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SYMBOL = re.compile(r"=~|!~|==|!=|<=|>=|[-+*/%^=<>@(){}\[\],:]")
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_NUMBER = re.compile(
    rf"(?:0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][-+]?{_DIGITS})?)"
    r"(?![A-Za-z0-9_.])"
)
_DURATION = re.compile(
    r"(?=[0-9])(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m(?!s))?(?:([0-9]+)s)?(?:([0-9]+)ms)?"
    r"(?![A-Za-z0-9_])"
)
_UNITS_MS = (365 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000, 1)
_DISORDERED = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+(?![A-Za-z0-9_])")
_NEITHER = re.compile(r"[0-9A-Za-z_.]+")
_ESCAPE = re.compile(r"\\(?:[abfnrtv\\]|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_BASES = (8, 16, 16, 16)


class TokenKind(Enum):
    """What a token is."""

    NUMBER = "number"
    DURATION = "duration"
    STRING = "string"
    WORD = "name"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    r"""A piece of an expression.

    Args:
        kind: what it is.
        text: as written; empty at the end.
        position: where it begins, counted in characters from 0.
        has_byte_escapes: whether a string has escapes of bytes that are no characters, such as `\xff`.
    """

    kind: TokenKind
    text: str
    position: int
    has_byte_escapes: bool = False

    @property
    def end(self) -> int:
        """One past its last character."""
        return self.position + len(self.text)

    @property
    def keyword(self) -> str:
        """The word or symbol, as keywords are compared; empty for numbers and strings."""
        return self.text.lower() if self.kind in (TokenKind.WORD, TokenKind.SYMBOL) else ""

    def __str__(self) -> str:
        return f"'{self.text}'"


def tokens_of(expression: str) -> tuple[Token, ...]:
    """The tokens of an expression, the last one its end; comments are left out.

    Raises:
        QueryError: at text that is no token: strings that are not closed, numbers and durations that are none.

    >>> [token.text for token in tokens_of("rate(x[5m])  # of x")]
    ['rate', '(', 'x', '[', '5m', ']', ')', '']
    """
    return tuple(_scan(expression))


def duration_seconds(text: str) -> float:
    """The length of a duration.

    Raises:
        ValueError: if it is none.

    >>> duration_seconds("1h30m")
    5400.0
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no duration")
    return sum(int(n) * unit_ms for n, unit_ms in zip(match.groups("0"), _UNITS_MS, strict=True)) / 1000


def string_value(token: Token) -> str:
    r"""What a string stands for.

    >>> string_value(Token(TokenKind.STRING, r'"a\\d"', 0))
    'a\\d'
    """
    if token.text[0] == "`":
        return token.text[1:-1]
    # Once its escapes are known to be Go's, they are Python's.
    return str(ast.literal_eval(token.text))


def _scan(expression: str) -> Iterator[Token]:
    at = end = 0
    in_brackets = False
    while True:
        if space := _SPACE.match(expression, at):
            at = space.end()
        if at == len(expression):
            yield Token(TokenKind.END, "", end)
            return
        token = _token(expression, at, in_brackets=in_brackets)
        if token.text in {"[", "]"}:
            in_brackets = token.text == "["
        yield token
        at = end = token.end


def _token(expression: str, at: int, *, in_brackets: bool) -> Token:
    character = expression[at]
    if character in "\"'`":
        return _string(expression, at)
    if character.isascii() and (character.isdigit() or (character == "." and expression[at + 1 : at + 2].isdigit())):
        return _number(expression, at)
    if match := (_WORD_IN_BRACKETS if in_brackets else _WORD).match(expression, at):
        return Token(TokenKind.WORD, match[0], at)
    if match := _SYMBOL.match(expression, at):
        return Token(TokenKind.SYMBOL, match[0], at)
    if unicodedata.category(character) in ("Pi", "Pf", "Ps"):
        raise QueryError(expression, f'unexpected {character}, strings stand in plain quotes ""', at)
    raise QueryError(expression, f"unexpected character {character!r}", at)


def _number(expression: str, at: int) -> Token:
    if match := _NUMBER.match(expression, at):
        return Token(TokenKind.NUMBER, match[0], at)
    if match := _DURATION.match(expression, at):
        return Token(TokenKind.DURATION, match[0], at)
    if match := _DISORDERED.match(expression, at):
        reason = f"'{match[0]}' is no duration: units go from y, w, d, h, m, s to ms, each once"
        raise QueryError(expression, reason, at)
    match = _NEITHER.match(expression, at)
    text = match[0] if match else expression[at]
    raise QueryError(expression, f"{text!r} is neither a number nor a duration such as 1h30m", at)


def _string(expression: str, at: int) -> Token:
    quote = expression[at]
    has_byte_escapes = False
    here = at + 1
    while here < len(expression) and (expression[here] != "\n" or quote == "`"):
        if expression[here] == quote:
            return Token(TokenKind.STRING, expression[at : here + 1], at, has_byte_escapes)
        if expression[here] != "\\" or quote == "`":
            here += 1
        elif expression[here + 1 : here + 2] == quote:
            here += 2
        else:
            escape = _ESCAPE.match(expression, here)
            code = _code_point(escape) if escape else None
            if escape is None or code is None:
                sequence = expression[here : here + 2]
                raise QueryError(expression, f"{sequence} is no escape; a backslash itself is written \\\\", here)
            has_byte_escapes |= 0x80 <= code <= 0xFF and escape[0][1] not in "uU"
            here = escape.end()
    raise QueryError(expression, "the string that begins here is not closed", at)


def _code_point(escape: re.Match[str]) -> int | None:
    """The character or byte that an escape means, 0 for those of one letter; None if there is none."""
    for digits, base in zip(escape.groups(), _BASES, strict=True):
        if digits:
            code = int(digits, base)
            limit = 0xFF if len(digits) < 4 else 0x10FFFF
            return code if code <= limit and not 0xD800 <= code < 0xE000 else None
    return 0
