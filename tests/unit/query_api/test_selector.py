from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pronoia.promql.selector import parse_selector
from pronoia.query_api.selector import selector_text
from pronoia.series import Matcher, MatchOp


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_value_survives_the_way_through_promql(value: str) -> None:
    matchers = (Matcher("__name__", MatchOp.EQUAL, "up"), Matcher("job", MatchOp.NOT_EQUAL, value))
    assert parse_selector(selector_text(matchers)) == matchers


def test_a_value_cannot_end_its_string() -> None:
    evil = Matcher("job", MatchOp.EQUAL, '"} or {x="')
    assert selector_text([evil]) == '{job="\\"} or {x=\\""}'


def test_names_outside_the_classic_alphabet_are_quoted() -> None:
    assert selector_text([Matcher("k8s.pod", MatchOp.EQUAL, "a")]) == '{"k8s.pod"="a"}'
