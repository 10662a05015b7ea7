"""The documented example is complete, true and valid."""

from __future__ import annotations

import re
from importlib import resources

import pytest
import yaml

from pronoia.config.load import parse
from pronoia.config.schema.lookup import places
from pronoia.config.schema.settings import Settings

TEXT = resources.files("pronoia.config").joinpath("example.yml").read_text(encoding="utf-8")


def with_commented_keys() -> dict:
    """The example with `#key: value` lines active (prose has a space after its #); later alternatives win."""
    active = re.sub(r"^(\s*)#(?! \S|$)", r"\1", TEXT, flags=re.MULTILINE)
    return yaml.safe_load(active)


def test_its_values_are_the_defaults() -> None:
    config = parse(TEXT, "example.yml")
    assert config.settings.model_copy(update={"presets": None}) == Settings()
    assert config.presets == parse("", "t").presets
    assert config.warnings == ()
    assert config.notes == ()


@pytest.mark.parametrize("key", sorted({key for key, _ in places(Settings)}))
def test_every_key_of_the_schema_appears_in_it(key: str) -> None:
    assert re.search(rf"(?m)^[\s#-]*{key}:|\b{key}[:.]", TEXT)


def test_every_key_of_the_schema_says_what_it_is_for() -> None:
    undocumented = []

    def walk(section) -> None:
        for name, field in section.model_fields.items():
            if not field.description:
                undocumented.append(f"{section.__name__}.{name}")

    for section in sections():
        walk(section)
    assert undocumented == []


def test_what_it_shows_in_comments_is_valid_too() -> None:
    tree = with_commented_keys()
    (upstream,) = tree["upstreams"]
    # Two ways to give one thing are shown side by side; a file has one of them.
    upstream["basic_auth"].pop("password_file")
    upstream.pop("authorization")
    tree["alerts"]["channels"]["slack"].pop("webhook_url_file")
    tree["alerts"]["channels"]["pagerduty"].pop("integration_key_file")
    tree["alerts"]["channels"]["email"].pop("password_file")
    config = parse(yaml.safe_dump(tree), "example.yml", environ={"PROMETHEUS_PASSWORD": "x"})
    assert config.settings.queries[0].name == "checkout_latency"
    settings = config.settings
    assert settings.performance_predictor == type(settings.performance_predictor)()
    assert settings.feature_engineering is not None
    defaults = type(settings.feature_engineering)()
    assert settings.feature_engineering.time_windows == defaults.time_windows
    assert settings.feature_engineering.aggregations == defaults.aggregations


def sections() -> list:
    from pronoia.config.schema.section import Section

    found, todo = [], [Section]
    while todo:
        section = todo.pop()
        found.append(section)
        todo += section.__subclasses__()
    return found
