"""The nearest known word to a mistyped one."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that is most like this one, or None if none is so much like it; 1 is the same."""
    # Separators are mixed up more often than letters.
    plain = {_plain(candidate): candidate for candidate in known}
    found = difflib.get_close_matches(_plain(word), plain, n=1, cutoff=likeness)
    return plain[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the nearest known one, or all of them.

    >>> did_you_mean("horizn", ["horizon", "level"])
    "; did you mean 'horizon'?"
    >>> did_you_mean("colour", ["horizon", "level"])
    '; known are horizon, level'
    """
    known = list(dict.fromkeys(known))
    near = nearest(word, known)
    return f"; did you mean {near!r}?" if near else f"; known are {', '.join(known)}"


def _plain(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")
