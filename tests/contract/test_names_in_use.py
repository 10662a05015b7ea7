"""Every metric that a rule, a runbook or a dashboard names is one that Pronoia exposes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pronoia.exposition import families
from pronoia.exposition.catalogue import catalogue_table
from pronoia.exposition.family import Kind

ROOT = Path(__file__).parents[2]
KINDS = (("rules", "*.yaml"), ("rules", "*.md"), ("grafana", "*.json"))
FILES = sorted(path for folder, kind in KINDS for path in (ROOT / folder).rglob(kind))


def test_there_are_files_that_name_metrics() -> None:
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_metrics_that_exist_are_named(path: Path) -> None:
    # A colon before or after belongs to the name of a recording rule.
    named = set(re.findall(r"(?<![:\w])pronoia_[a-z0-9_]+(?![:\w])", path.read_text(encoding="utf-8")))
    exposed = set(re.findall(r"`(pronoia_[a-z0-9_]+)`", catalogue_table()))
    exposed |= {f"{family.name}_bucket" for family in families.FAMILIES if family.kind == Kind.HISTOGRAM}
    assert named
    assert not named - exposed


LABELS = {family.name: {*family.labels, "job", "instance"} for family in families.FAMILIES}
#: Families with the labels of their source series, which may be any.
OPEN = {family.name for family in families.FAMILIES if family.keeps_source_labels}


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix != ".md"], ids=lambda path: path.name)
def test_only_labels_that_they_have_are_asked_of_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('\\"', '"')
    for name, matchers in re.findall(r"(?<![:\w])(pronoia_[a-z0-9_]+)\{([^}]*)\}", text):
        family = re.sub(r"_bucket$", "", name)
        asked = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)) - ({"le"} if family != name else set())
        assert family in OPEN or asked <= LABELS[family], f"{name}{{{matchers}}}"


#: Questions that the exporter answers: those with gauges of their own.
STEMS = [
    stem
    for stem in ("forecast", "anomaly", "bottleneck", "failure")
    if any(name.startswith(f"pronoia_{stem}") for name in LABELS)
]


@pytest.mark.parametrize("stem", [*STEMS, "exporter"])
def test_a_stem_has_rules_their_tests_a_runbook_and_a_dashboard(stem: str) -> None:
    for file in (
        f"rules/{stem}.yaml",
        f"tests/rules/{stem}_test.yaml",
        f"rules/runbooks/{stem}.md",
        f"grafana/dashboards/{stem}.json",
    ):
        assert (ROOT / file).is_file(), file
