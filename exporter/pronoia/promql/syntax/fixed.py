"""What `@` ties to one instant; told from the tokens, so that it is known of what is not evaluated here, too."""

from __future__ import annotations

import itertools

from pronoia.promql.syntax.tokens import tokens_of


def fixed_at(expression: str) -> int | None:
    """Where the first `@` stands, counted in characters from 0; None without one.

    Raises:
        QueryError: as `tokens_of` raises it.

    >>> fixed_at("x / (x @ 1700000000)"), fixed_at('x{at="@ 1"}')
    (7, None)
    """
    return next((token.position for token in tokens_of(expression) if token.keyword == "@"), None)


def is_tied_to_ends(expression: str) -> bool:
    """Whether `@ start()` or `@ end()` makes values depend on the range that is asked for.

    Raises:
        QueryError: as `tokens_of` raises it.

    >>> is_tied_to_ends("x / (x @ start())"), is_tied_to_ends("x @ 1"), is_tied_to_ends('x{at="@ end()"}')
    (True, False, False)
    """
    pairs = itertools.pairwise(tokens_of(expression))
    return any(token.keyword == "@" and after.keyword in ("start", "end") for token, after in pairs)
