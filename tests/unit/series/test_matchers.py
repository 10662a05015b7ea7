"""Matchers agree with Prometheus on absent labels and anchoring."""

from __future__ import annotations

import pytest

from pronoia.series import Matcher, MatchOp


@pytest.mark.parametrize(
    ("op", "value", "labels", "expected"),
    [
        (MatchOp.EQUAL, "", {}, True),
        (MatchOp.EQUAL, "x", {"job": "x"}, True),
        (MatchOp.NOT_EQUAL, "x", {}, True),
        (MatchOp.REGEX, "x", {"job": "xy"}, False),
        (MatchOp.REGEX, "x.*", {"job": "xy"}, True),
        (MatchOp.REGEX, ".*", {}, True),
        (MatchOp.REGEX, "a|b", {"job": "ab"}, False),
        (MatchOp.REGEX, "a.b", {"job": "a\nb"}, True),
        (MatchOp.NOT_REGEX, ".+", {}, True),
        (MatchOp.NOT_REGEX, ".+", {"job": "x"}, False),
    ],
)
def test_matching(op: MatchOp, value: str, labels: dict[str, str], expected: bool) -> None:
    assert Matcher("job", op, value).matches(labels) is expected


def test_a_regular_expression_that_does_not_compile_is_refused() -> None:
    with pytest.raises(ValueError, match="regular expression"):
        Matcher("job", MatchOp.REGEX, "(")


def test_regular_expressions_mean_what_re2_means():
    assert not Matcher("a", MatchOp.REGEX, r"\d").matches({"a": "٣"})
    assert Matcher("a", MatchOp.REGEX, "a.b").matches({"a": "a\nb"})
    with pytest.raises(ValueError, match=r"\[\[:alpha:\]\]"):
        Matcher("a", MatchOp.REGEX, "[[:alpha:]]+")
