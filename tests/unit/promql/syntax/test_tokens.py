"""Tokens and where they stand."""

from __future__ import annotations

import pytest

from pronoia.errors import QueryError
from pronoia.promql.syntax.tokens import TokenKind, duration_seconds, string_value, tokens_of


def texts(expression: str) -> list[str]:
    return [token.text for token in tokens_of(expression)]


def test_each_token_tells_where_it_begins() -> None:
    text = "sum by (job) (\n  rate(x{a='b'}[5m:1m])  # of x\n) > 0x1F"
    tokens = tokens_of(text)
    assert [text[token.position : token.end] for token in tokens] == [token.text for token in tokens]
    assert tokens[-1].kind is TokenKind.END
    assert tokens[-1].position == len(text)


def test_spaces_and_comments_are_left_out() -> None:
    assert texts(" a # b ( \n\t+ c#d") == ["a", "+", "c", ""]


def test_the_end_is_where_the_last_token_ends() -> None:
    assert tokens_of("up  # a comment\n")[-1].position == 2


def test_a_colon_belongs_to_a_name_but_in_brackets_stands_between_range_and_step() -> None:
    assert texts("job:x:rate5m[5m:1m]") == ["job:x:rate5m", "[", "5m", ":", "1m", "]", ""]
    assert texts("x[5m:] :y") == ["x", "[", "5m", ":", "]", ":y", ""]


@pytest.mark.parametrize(
    "number", ["0", "12", "1.5", ".5", "5.", "1e5", "1E+5", "1.5e-3", "0x1F", "0X_1f", "1_000", "1_0.0_1"]
)
def test_numbers(number: str) -> None:
    assert [token.kind for token in tokens_of(number)] == [TokenKind.NUMBER, TokenKind.END]


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("5m", 300.0), ("1h30m", 5400.0), ("100ms", 0.1), ("1y1w1d", 86_400.0 * 373), ("0s", 0.0), ("1m5ms", 60.005)],
)
def test_durations(duration: str, seconds: float) -> None:
    assert [token.kind for token in tokens_of(duration)] == [TokenKind.DURATION, TokenKind.END]
    assert duration_seconds(duration) == seconds


def test_a_length_of_no_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="'5' is no duration"):
        duration_seconds("5")


@pytest.mark.parametrize("text", ["5mm", "1__0", "1_", "1e", "1.2.3", "0x", "5M", "0b1", "1i", "5m5", "0xg"])
def test_what_begins_with_a_digit_and_is_no_number_is_refused_where_it_begins(text: str) -> None:
    with pytest.raises(QueryError, match="neither a number nor a duration") as refused:
        tokens_of(f"x + {text}")
    assert refused.value.position == 4


@pytest.mark.parametrize("text", ["30m1h", "1d1d", "5ms1s"])
def test_units_out_of_order_are_told(text: str) -> None:
    with pytest.raises(QueryError, match="units go from y") as refused:
        tokens_of(f"x[{text}]")
    assert refused.value.position == 2


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r'"a\"b"', 'a"b'),
        (r"'it\'s'", "it's"),
        (r"`a\n`", r"a\n"),
        ("`a\nb`", "a\nb"),
        (r'"\a\b\f\n\r\t\v\\"', "\a\b\f\n\r\t\v\\"),
        (r'"\101\x41ä\U0001F600"', "AAä😀"),
    ],
)
def test_strings_stand_for_what_go_reads(written: str, value: str) -> None:
    token, _ = tokens_of(written)
    assert token.kind is TokenKind.STRING
    assert string_value(token) == value


@pytest.mark.parametrize("text", ['"abc', "'abc", "`abc", '"ab\nc"', '"abc\\"', '"'])
def test_a_string_that_is_not_closed_is_refused_where_it_begins(text: str) -> None:
    with pytest.raises(QueryError, match="not closed") as refused:
        tokens_of("x{a=" + text)
    assert refused.value.position == 4


@pytest.mark.parametrize("escape", [r"\z", r"\d", r"\'", r"\x4", r"\400", r"\uD800", r"\U00110000", r"\12"])
def test_an_escape_that_is_none_is_refused_where_it_stands(escape: str) -> None:
    with pytest.raises(QueryError, match="is no escape") as refused:
        tokens_of(f'"ab{escape}"')
    assert refused.value.position == 3


def test_bytes_that_are_no_characters_are_noted() -> None:
    assert [token.has_byte_escapes for token in tokens_of(r'"\xff" "\351" "\x41" "ÿ" "ÿ"')] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "position"), [("a ! b", 2), ("a.b", 1), ("x 😀", 2), ("a; b", 1), ("ä", 0)])
def test_characters_that_promql_does_not_have_are_refused_where_they_stand(text: str, position: int) -> None:
    with pytest.raises(QueryError, match="unexpected character") as refused:
        tokens_of(text)
    assert refused.value.position == position


def test_quotes_of_a_word_processor_are_told() -> None:
    with pytest.raises(QueryError, match="plain quotes") as refused:
        tokens_of("x{a=“b”}")
    assert refused.value.position == 4
