from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.config.duration import Duration, format_duration, parse_duration

LONGEST_MS = (2**63 - 1) // 1_000_000
UNITS_MS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("0", 0),
        ("0s", 0),
        ("500ms", 500),
        ("15s", 15_000),
        ("1h30m", 5_400_000),
        ("1d1h", 90_000_000),
        ("14d", 1_209_600_000),
        ("1w", 604_800_000),
        ("1y", 31_536_000_000),
        ("1y2w3d4h5m6s7ms", 33_019_506_007),
        (" 5m ", 300_000),
    ],
)
def test_durations_mean_what_they_mean_in_prometheus(text: str, milliseconds: int) -> None:
    assert parse_duration(text).milliseconds == milliseconds


@pytest.mark.parametrize("text", ["", " ", "5", "1.5h", "-5m", "30m1h", "1h 30m", "5min", "m", "1hh", "\u0661h", "1H"])
def test_what_is_no_duration_is_refused_and_the_right_form_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a duration; a duration is numbers with units from long to short"):
        parse_duration(text)


def test_a_bare_number_is_answered_with_a_guess() -> None:
    with pytest.raises(ValueError, match=r"Did you mean 60s\?$"):
        parse_duration("60")


@pytest.mark.parametrize("text", ["293y", "9" * 25 + "s", "1" * 5000 + "ms"])
def test_durations_that_prometheus_cannot_hold_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than 292 years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0s"), (86_400_000, "1d"), (90_000_000, "25h"), (1_209_600_000, "2w"), (5_400_500, "1h30m500ms")],
)
def test_the_canonical_form_is_that_of_prometheus(milliseconds: int, text: str) -> None:
    assert format_duration(milliseconds) == text


@given(st.integers(0, LONGEST_MS))
def test_formatting_and_parsing_are_inverse(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds)).milliseconds == milliseconds


@given(st.lists(st.integers(0, 999), min_size=7, max_size=7))
def test_units_add_up(counts: list[int]) -> None:
    counts[0] //= 10
    text = "".join(f"{count}{unit}" for count, unit in zip(counts, UNITS_MS, strict=True))
    total = sum(count * length for count, length in zip(counts, UNITS_MS.values(), strict=True))
    assert parse_duration(text).milliseconds == total


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert 0 <= parse_duration(text).milliseconds <= LONGEST_MS


def test_a_duration_is_shown_as_it_was_written_but_compared_by_length() -> None:
    assert str(parse_duration("24h")) == "24h"
    assert parse_duration("24h") == parse_duration("1d")
    assert parse_duration("90s") > parse_duration("1m")
    assert str(Duration(60_000)) == "1m"
