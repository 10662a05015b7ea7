from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.config.environment import substitute


def test_references_are_replaced_in_values_at_any_depth_and_not_in_keys() -> None:
    tree = {"${A}": ["${A}", {"x": "<${A}-${B}>"}], "n": 5, "none": None}
    assert substitute(tree, {"A": "1", "B": "2"}).tree == {"${A}": ["1", {"x": "<1-2>"}], "n": 5, "none": None}


@pytest.mark.parametrize(
    ("text", "result"),
    [("$$", "$"), ("$${A}", "${A}"), ("sd[a-z]$", "sd[a-z]$"), ("$1-${2}", "$1-${2}"), ("${A}$", "1$"), ("$A", "$A")],
)
def test_dollars_that_promql_needs_stay(text: str, result: str) -> None:
    substituted = substitute(text, {"A": "1"})
    assert substituted.tree == result
    assert not substituted.missing


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("${NO}", "environment variable NO is not set"),
        ("${A:-x}", "${A:-x} is not understood; only ${NAME} is, and $${ for a literal ${"),
        ("${}", "${} is not understood; only ${NAME} is, and $${ for a literal ${"),
        ("${A", "'${' without '}' after it; write $${ for a literal ${"),
    ],
)
def test_a_reference_that_cannot_be_replaced_is_told_and_stays(text: str, problem: str) -> None:
    substituted = substitute({"a": [text]}, {"A": "1"})
    assert substituted.missing == [(("a", 0), problem)]
    assert substituted.tree == {"a": [text]}


def test_replaced_values_are_not_looked_at_again() -> None:
    assert substitute("${A}", {"A": "${B}", "B": "x"}).tree == "${B}"


def test_what_was_written_is_remembered_for_messages() -> None:
    written = substitute({"url": "http://${H}:${P}"}, {"H": "host", "P": "1"}).written
    assert written == {("url",): [("http://${H}:${P}", "http://host:1"), ("${H}", "host"), ("${P}", "1")]}


@given(st.text())
def test_escaped_dollars_bring_any_text_through(text: str) -> None:
    assert substitute(text.replace("$", "$$"), {}).tree == text
