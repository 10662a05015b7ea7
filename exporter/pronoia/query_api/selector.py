"""Matchers as PromQL text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pronoia.series.labels import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pronoia.series import Matcher

_PLAIN_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def selector_text(matchers: Iterable[Matcher]) -> str:
    r"""The selector that stands for these matchers, safe against values that hold quotes.

    Label names outside the classic alphabet are quoted, which Prometheus understands since 3.0.

    >>> from pronoia.series import Matcher, MatchOp
    >>> print(selector_text([Matcher("__name__", MatchOp.EQUAL, "up"), Matcher("job", MatchOp.REGEX, 'a"}|\\d')]))
    {__name__="up",job=~"a\"}|\\d"}
    """
    return "{" + ",".join(_condition(matcher) for matcher in matchers) + "}"


def _condition(matcher: Matcher) -> str:
    name = matcher.name if _PLAIN_NAME.fullmatch(matcher.name) else f'"{escape(matcher.name)}"'
    return f'{name}{matcher.op.symbol}"{escape(matcher.value)}"'
