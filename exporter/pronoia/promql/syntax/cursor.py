"""Going through the tokens of an expression, and saying what is wrong with the one that comes next."""

from __future__ import annotations

from typing import NoReturn

from pronoia.errors import QueryError
from pronoia.promql.syntax.outline import Part, PartKind
from pronoia.promql.syntax.tokens import Token, TokenKind, tokens_of
from pronoia.promql.syntax.unsupported import UnsupportedError


class Cursor:
    """A place among the tokens, and what was noted on the way there."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self.tokens = tokens_of(expression)
        #: Number of the next token.
        self.next = 0
        #: By token number, what to write for promql-parser where it does not take what Prometheus takes.
        self.rewritten: dict[int, str] = {}
        #: The first thing that is PromQL, but that promql-parser does not read.
        self.unread: UnsupportedError | None = None

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.next]

    @property
    def keyword(self) -> str:
        """The next token as a keyword or symbol; empty for what is none."""
        return self.token.keyword

    @property
    def at_end(self) -> bool:
        """Whether no token is left."""
        return self.token.kind is TokenKind.END

    def followed_by(self, *keywords: str) -> bool:
        """Whether the token after the next one is one of these."""
        return not self.at_end and self.tokens[self.next + 1].keyword in keywords

    def take(self) -> Token:
        """Go past the next token."""
        token = self.token
        self.next += 1
        return token

    def takes(self, *keywords: str) -> bool:
        """Go past the next token if it is one of these."""
        if self.keyword not in keywords:
            return False
        self.next += 1
        return True

    def close(self, opening: Token, closing: str, needed: str) -> None:
        """Go past a closing bracket, or say that it or something else is needed."""
        if self.at_end:
            self.fail(f"the {opening} here is not closed", opening.position)
        if not self.takes(closing):
            self.unexpected(f"{needed} or '{closing}'")

    def fail(self, reason: str, position: int | None = None) -> NoReturn:
        """Refuse the expression, at the next token where no position is given."""
        raise QueryError(self._expression, reason, self.token.position if position is None else position)

    def unexpected(self, needed: str) -> NoReturn:
        """Refuse the next token, or that there is none."""
        if self.at_end:
            self.fail(f"the expression ends where {needed} is needed")
        self.fail(f"unexpected {self.token}, {needed} is needed")

    def leave_unread(self, reason: str, position: int) -> None:
        """Note something that promql-parser does not read."""
        if self.unread is None:
            self.unread = UnsupportedError(reason, position)

    def part(self, kind: PartKind, first: int, position: int, *children: Part, at_ms: int | None = None) -> Part:
        """The part that began at the token numbered `first` and ends before the next one."""
        return Part(kind, position, self.tokens[first].position, (first, self.next), children, at_ms)
