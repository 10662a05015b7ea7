"""One file for each way to be wrong; its last lines (#=) hold the whole message."""

from __future__ import annotations

from pathlib import Path

import pytest

from pronoia.config.load import parse
from pronoia.errors import ConfigError

WRONG = sorted((Path(__file__).parent / "testdata" / "wrong").glob("*.yml"))
ENVIRONMENT = {"PROMETHEUS_PASSWORD": "hunter2-secret", "PORT": "90x90"}


@pytest.mark.parametrize("file", WRONG, ids=lambda file: file.stem)
def test_the_message_names_what_is_wrong_and_what_would_be_right(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    expected = "\n".join(line.removeprefix("#= ") for line in text.splitlines() if line.startswith("#= "))
    with pytest.raises(ConfigError) as caught:
        parse(text, file.name, environ=ENVIRONMENT)
    assert str(caught.value) == expected


@pytest.mark.parametrize("file", WRONG, ids=lambda file: file.stem)
def test_no_message_shows_a_secret_or_the_jargon_of_a_library(file: Path) -> None:
    expected = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#= ")]
    assert expected
    for word in ("hunter2", "12345678", "pydantic", "errors.", "Value error", "Input should"):
        assert not any(word in line for line in expected)


def test_three_mistakes_are_told_at_once() -> None:
    file = next(file for file in WRONG if file.stem == "three-mistakes")
    with pytest.raises(ConfigError) as caught:
        parse(file.read_text(encoding="utf-8"), "pronoia.yml", environ={})
    assert [(problem.path, problem.line) for problem in caught.value.problems] == [
        ("forecast.horizn", 4),
        ("queries[0].infer_every", 8),
        ("queries[1].expr", 10),
    ]
