"""Every metric that a rule, a runbook or a dashboard names is one that Pronoia exposes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pronoia.exposition.catalogue import catalogue_table

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
    assert named
    assert not named - exposed
