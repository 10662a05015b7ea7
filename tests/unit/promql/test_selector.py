"""Selectors are taken apart as Prometheus reads them; anything else is told apart or refused."""

from __future__ import annotations

import pytest

from pronoia.errors import QueryError
from pronoia.promql.selector import is_plain_selector, parse_selector


def test_all_four_operators_and_a_quoted_name() -> None:
    matchers = parse_selector('{__name__="up", a!="1", b=~"x|y", c!~"z.*"}')
    assert [str(m) for m in matchers] == ['__name__="up"', 'a!="1"', 'b=~"x|y"', 'c!~"z.*"']


@pytest.mark.parametrize("expression", ["rate(up[5m])", "up[5m]", "up offset 5m", "up @ 3", 'up{a="1" or b="2"}', "1"])
def test_what_is_no_plain_selector_is_refused_and_told_apart(expression: str) -> None:
    assert not is_plain_selector(expression)
    with pytest.raises(QueryError, match=r"in '"):
        parse_selector(expression)


def test_text_that_is_not_promql_names_the_expression() -> None:
    with pytest.raises(QueryError, match="up\\{"):
        is_plain_selector("up{")
