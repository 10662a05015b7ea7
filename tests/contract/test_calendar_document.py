"""The page on the calendar says what there is."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from pronoia.config.load import parse
from pronoia.models.forecast.calendar.holiday_days import has_package
from support.calendar_cases import WITH_EFFECT, WITHOUT_EFFECT

TEXT = (Path(__file__).parents[2] / "docs" / "calendar.md").read_text(encoding="utf-8")


def test_its_configuration_works() -> None:
    (text,) = re.findall(r"```yaml\n(# pronoia\.yml\n.*?)```", TEXT, re.DOTALL)
    tree = yaml.safe_load(text)
    if not has_package():
        del tree["forecast"]["holidays"]
    config = parse(yaml.safe_dump(tree), "pronoia.yml")
    assert config.warnings == ()
    events = {query.name: [event.name for event in query.events] for query in config.resolved_queries()}
    assert events == {"orders": ["deployment"], "load": ["reindexing"]}


def test_its_table_shows_every_case_of_the_benchmark() -> None:
    for name in (*WITH_EFFECT, *WITHOUT_EFFECT):
        assert f"| {name} |" in TEXT
