"""Regular expressions of matchers: RE2's, read by Rust's, and by Python's where samples are matched here."""

from __future__ import annotations

import re
from typing import NoReturn

from pronoia.errors import QueryError
from pronoia.promql.replacement import Replacement
from pronoia.promql.syntax.unsupported import UnsupportedError
from pronoia.series.regexp import NotPython

# What Python and Perl have and RE2 leaves out: look-around, back-references, conditions.
_NOT_RE2 = re.compile(r"\(\?(?:<?[=!]|P=|>|\()|\\[1-9]")
# What RE2 has and neither Rust's nor Python's engine reads.
_ONLY_RE2 = re.compile(r"\\[QC]")


def check_replaced(expression: str, pattern: str, position: int) -> None:
    """Refuse a regular expression of `label_replace` that is none, or that is not evaluated here.

    Args:
        expression: that it stands in, as a string that begins at `position`.
        pattern: the string's value.
        position: of the string.

    Raises:
        QueryError: if Prometheus refuses it as well, with the position inside the string where it goes wrong.
        UnsupportedError: if Prometheus may well take it.
    """
    try:
        Replacement.parse(pattern, "")
    except NotPython as error:
        raise UnsupportedError(f"the regular expression {pattern!r} is not evaluated here", position) from error
    except ValueError:
        refuse_regexp(expression, pattern, position)


def refuse_regexp(expression: str, pattern: str, position: int) -> NoReturn:
    """Say what is wrong with a regular expression that is refused; arguments and errors as above."""
    # Escapes in the string move what follows them: there, the string as a whole has to do.
    inside = position + 1 if expression.startswith(pattern, position + 1) else None
    if match := _NOT_RE2.search(pattern):
        reason = f"the regular expression has {match[0]}, which Prometheus does not know"
        raise QueryError(expression, reason, position if inside is None else inside + match.start())
    if not _ONLY_RE2.search(pattern):
        try:
            re.compile(pattern)
        except re.error as error:
            reason = f"the regular expression is not right: {error.msg}"
            place = position if inside is None else inside + (error.pos or 0)
            raise QueryError(expression, reason, place) from error
        except (OverflowError, RecursionError) as error:
            raise QueryError(expression, "the regular expression is too large", position) from error
    raise UnsupportedError(f"the regular expression {pattern!r} is not read here", position)
