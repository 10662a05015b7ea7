"""Label matchers as data: =, !=, =~ and !~."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from pronoia.series.labels import escape
from pronoia.series.regexp import compile_re2

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping


class MatchOp(IntEnum):
    """The four operators; the numbers are those of remote-read's `LabelMatcher.Type`."""

    EQUAL = 0
    NOT_EQUAL = 1
    REGEX = 2
    NOT_REGEX = 3

    @property
    def symbol(self) -> str:
        """The operator as PromQL writes it."""
        return ("=", "!=", "=~", "!~")[self]


@dataclass(frozen=True, slots=True)
class Matcher:
    r"""One condition on one label. An absent label counts as the empty string, as in Prometheus.

    Regular expressions are anchored at both ends and mean what RE2 means by them; some that only RE2 reads (`\\pN`,
    `[[:alpha:]]`) are refused here.

    Raises:
        ValueError: if the regular expression does not compile.

    >>> Matcher("job", MatchOp.REGEX, "node|proc.*").matches({"job": "process"})
    True
    >>> Matcher("job", MatchOp.NOT_EQUAL, "").matches({})
    False
    """

    name: str
    op: MatchOp
    value: str
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.op in (MatchOp.REGEX, MatchOp.NOT_REGEX):
            try:
                pattern = compile_re2(self.value)
            except ValueError as error:
                raise ValueError(f"regular expression {self.value!r}: {error}") from error
            object.__setattr__(self, "_pattern", pattern)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether a label set satisfies this condition."""
        value = labels.get(self.name, "")
        if self._pattern is None:
            return (value == self.value) == (self.op is MatchOp.EQUAL)
        return (self._pattern.fullmatch(value) is not None) == (self.op is MatchOp.REGEX)

    def __str__(self) -> str:
        return f'{self.name}{self.op.symbol}"{escape(self.value)}"'


def matches_all(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether a label set satisfies every matcher."""
    return all(matcher.matches(labels) for matcher in matchers)
