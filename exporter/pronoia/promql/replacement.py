"""Go's regular expression replacement, as `label_replace` uses it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from pronoia.series.regexp import compile_re2

_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<braced>\w+)\}|(?P<bare>\w+))")


@dataclass(frozen=True, slots=True)
class Replacement:
    """A pattern with what to put in the place of a text that matches it."""

    pattern: re.Pattern[str]
    template: str

    @classmethod
    def parse(cls, expression: str, template: str) -> Self:
        """Compile a regular expression.

        Raises:
            NotPython: if it may well be valid, but cannot be compiled here.
            ValueError: if it is not valid; also look-around, back-references and what else RE2 does not have.
        """
        return cls(compile_re2(expression), template)

    def of(self, text: str) -> str | None:
        """The template with the groups of the match filled in; None where the text does not match as a whole.

        `$1`, `${1}`, `$name` and `${name}` are groups, empty if there is no such group or it did not take part. A
        name is as long as possible. `$$` is a dollar, and so is one that stands before no name. Source: Go's
        documentation of regexp.Expand, https://pkg.go.dev/regexp#Regexp.Expand

        >>> Replacement.parse("(?P<host>.*):(.*)", "${host} $2 $2x $$ $-").of("db1:9100")
        'db1 9100  $ $-'
        """
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        return _REFERENCE.sub(lambda found: _filled(found, match), self.template)


def _filled(reference: re.Match[str], match: re.Match[str]) -> str:
    if reference["dollar"]:
        return "$"
    name = reference["braced"] or reference["bare"]
    if name.isascii() and name.isdecimal() and len(name) < 9 and (name == "0" or name[0] != "0"):
        number = int(name)
        return (match[number] or "") if number <= match.re.groups else ""
    return (match[name] or "") if name in match.re.groupindex else ""
