"""The parts of an expression and where they stand, for which promql-parser has no positions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from promql_parser import NumberLiteral

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from pronoia.promql.syntax.tokens import Token


class PartKind(Enum):
    """What a part is; those of `promql_parser` by its names, and what it has no nodes for."""

    NUMBER = auto()
    STRING = auto()
    SELECTOR = auto()
    MATCHER = auto()
    RANGE = auto()
    SUBQUERY = auto()
    OFFSET = auto()
    AT = auto()
    PAREN = auto()
    PLUS = auto()
    NEGATION = auto()
    BINARY = auto()
    CALL = auto()
    AGGREGATION = auto()


_MODIFIERS = frozenset({PartKind.OFFSET, PartKind.AT, PartKind.PLUS})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an expression.

    Args:
        kind: what it is.
        position: where a message about it points to, such as a binary expression's operator.
        begin: where its text begins; both are counted in characters from 0.
        tokens: number of its first token, and one past that of its last.
        children: its parts in the order of the text.
        at_ms: the time that `@` fixes in `Part`s of kind `AT`, unless it is `start()` or `end()`.
    """

    kind: PartKind
    position: int
    begin: int
    tokens: tuple[int, int]
    children: tuple[Part, ...] = ()
    at_ms: int | None = None

    def of_node(self, tree: Any) -> tuple[Part, int | None]:
        """The part inside this one that stands for a node of promql-parser, and the time that `@` fixes for it.

        `offset`, `@` and a plus have no nodes of their own, and the sign of a number literal is part of it.
        """
        part, at_ms = self, None
        while part.kind in _MODIFIERS or (part.kind is PartKind.NEGATION and isinstance(tree, NumberLiteral)):
            at_ms = part.at_ms if part.kind is PartKind.AT else at_ms
            part = part.children[0]
        return part, at_ms

    @property
    def levels(self) -> int:
        """How deep the parts nest."""
        # Chains of operators are as deep as they are long: no recursion.
        deepest, waiting = 0, [(self, 1)]
        while waiting:
            part, level = waiting.pop()
            deepest = max(deepest, level)
            waiting += [(child, level + 1) for child in part.children]
        return deepest


@dataclass(frozen=True, slots=True)
class Outline:
    """An expression whose grammar is right.

    Args:
        tokens: of the expression.
        root: the whole of it.
        rewritten: by token number, what to write for promql-parser where it does not take what Prometheus takes.
    """

    tokens: Sequence[Token]
    root: Part
    rewritten: Mapping[int, str]

    def text(self, part: Part) -> str:
        """A part as promql-parser reads it, an expression in itself."""
        first, last = part.tokens
        text = " ".join(self.rewritten.get(i, self.tokens[i].text) for i in range(first, last))
        # A selector needs a matcher that does not match the empty string.
        return f'{{{text}, _="_"}}' if part.kind is PartKind.MATCHER else text
