"""docs/bottleneck.md and docs/presets.md say what the exporter answers and what presets watch."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from pronoia.config.load import parse
from pronoia.config.preset import load_preset, preset_names
from pronoia.exposition.families import FAMILIES
from pronoia.models.bottleneck import local

ROOT = Path(__file__).parents[2]
PAGE, PRESETS, README = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("docs/bottleneck.md", "docs/presets.md", "README.md")
)


def test_the_page_speaks_of_metrics_that_there_are() -> None:
    names = {family.name for family in FAMILIES}
    assert set(re.findall(r"pronoia_[a-z_]+", PAGE)) <= names


def test_the_page_says_what_a_local_fit_takes() -> None:
    first, *others = local.LEAST_ONSETS
    assert f"{first} that began in its first 60 %" in PAGE
    assert set(others) == {5}
    assert f"fewer than {local.LEAST_POSITIVES} positives" in PAGE


def test_every_resource_of_a_preset_is_listed() -> None:
    for preset in preset_names():
        for resource in load_preset(preset).bottleneck.resources:
            assert re.search(rf"\| `{preset}` \| `{resource.name}` \|.*\| {resource.threshold:g} \|", PRESETS)


def test_the_readmes_resource_is_one() -> None:
    (text,) = re.findall(r"```yaml\n(bottleneck:\n.*?)```", README, re.DOTALL)
    assert yaml.safe_load(text)
    names = [each.name for each in parse(text, "t").resolved_resources()]
    assert names[0] == "connections"
