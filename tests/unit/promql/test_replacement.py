import pytest

from pronoia.promql.replacement import Replacement
from pronoia.series.regexp import NotPython


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("$1", "node"),
        ("${1}x", "nodex"),
        ("$1x", ""),
        ("$host:$2", "node:7"),
        ("${host}${port}", "node7"),
        ("$0", "node-7"),
        ("$01", ""),
        ("$9", ""),
        ("$nothing.", "."),
        ("$$1", "$1"),
        ("$-$", "$-$"),
        ("${", "${"),
        ("${1", "${1"),
        ("", ""),
        ("$" + "1" * 5000, ""),
    ],
)
def test_templates_are_gos(template: str, expected: str):
    assert Replacement.parse("(?P<host>.*)-(?<port>.*)", template).of("node-7") == expected


def test_a_group_that_took_no_part_is_empty():
    assert Replacement.parse("a(b)?(?P<c>c)?", "<$1$c>").of("a") == "<>"


@pytest.mark.parametrize("text", ["xab", "abx", "ab\n"])
def test_both_ends_are_anchored(text: str):
    assert Replacement.parse("ab$", "").of(text) is None


def test_the_dot_matches_everything_and_classes_are_ascii():
    assert Replacement.parse("(.*)", "$1").of("a\nb") == "a\nb"
    assert Replacement.parse(r"\w", "").of("ü") is None


@pytest.mark.parametrize("expression", [r"a\z", r"\*+", "[*+]+", "[:-]", "[]a]", "[^]:]+", "[(?=]", r"\\1", "(?i)A"])
def test_what_only_looks_foreign_is_taken(expression: str):
    Replacement.parse(expression, "")


@pytest.mark.parametrize("expression", ["(", "[a", "(?=a)", "(?<!a)", r"(a)\1", "(?P<a>.)(?P=a)", "a*+", "(?>a)", "**"])
def test_what_re2_does_not_take_is_not_valid(expression: str):
    with pytest.raises(ValueError, match=r".") as caught:
        Replacement.parse(expression, "")
    assert not isinstance(caught.value, NotPython)


@pytest.mark.parametrize(
    "expression", ["[[:alpha:]]", "[^[:^digit:]a]", r"\pL", r"\Q.\E", "(?U)a*", "a(?i)b", r"\x{41}"]
)
def test_what_only_re2_takes_is_told_apart(expression: str):
    with pytest.raises(NotPython):
        Replacement.parse(expression, "")
