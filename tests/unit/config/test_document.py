from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.config.document import read_document, show_path
from pronoia.errors import ConfigError


def test_values_know_their_lines() -> None:
    document = read_document("a: 1\nb:\n  - c: x\n  - d: y\n", "t")
    assert document.tree == {"a": 1, "b": [{"c": "x"}, {"d": "y"}]}
    assert document.line_of(("b", 1, "d")) == 4
    assert document.line_of(("b", 1, "absent")) == 4
    assert document.line_of(("absent",)) == 1


def test_an_empty_text_is_an_empty_mapping() -> None:
    assert read_document("", "t").tree == {}
    assert read_document("# nothing\n", "t").tree == {}
    assert read_document("null\n", "t").tree == {}


def test_dates_and_keys_stay_text() -> None:
    assert read_document("2024-01-01: 2024-01-01\non: 5\n", "t").tree == {"2024-01-01": "2024-01-01", "on": 5}


def test_a_key_given_twice_is_a_problem_and_the_first_counts() -> None:
    document = read_document("a: 1\na: 2\n", "t")
    assert document.tree == {"a": 1}
    assert [str(problem) for problem in document.problems] == ["a (line 2): given twice, first on line 1"]


def test_merged_mappings_give_way_to_the_keys_beside_them() -> None:
    text = "base: &base {x: 1, y: 2}\nmore: &more {x: 5, z: 3}\nuse:\n  <<: [*base, *more]\n  y: 9\n"
    assert read_document(text, "t").tree["use"] == {"x": 1, "y": 9, "z": 3}


def test_nested_aliases_are_refused_before_they_fill_memory() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    with pytest.raises(ConfigError, match="more than 200000 values"):
        read_document("\n".join(lines), "t")


@pytest.mark.parametrize(
    "text", ["a: " + "[" * 2000, "a: &a [*a]", "a: \x00", "a: [", "a: b: c", "--- 1\n--- 2", "- 1"]
)
def test_what_is_not_a_mapping_in_yaml_is_one_clear_error(text: str) -> None:
    with pytest.raises(ConfigError):
        read_document(text, "pronoia.yml")


def test_texts_beyond_reason_are_not_read() -> None:
    with pytest.raises(ConfigError, match="at most 1048576 are read"):
        read_document("#" * (2**20 + 1), "t")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_as_a_configuration_error(text: str) -> None:
    with suppress(ConfigError):
        assert isinstance(read_document(text, "t").tree, dict)


def test_paths_are_shown_as_people_write_them() -> None:
    assert show_path(("upstreams", 0, "headers", "X-A")) == "upstreams[0].headers.X-A"
    assert show_path(()) == ""
