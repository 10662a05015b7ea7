"""The documents say what the presets and pronoia.agent are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from pronoia.config.load import parse
from pronoia.config.preset import load_preset, preset_names

ROOT = Path(__file__).parents[2]
PRESETS, AGENTS = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("presets.md", "agents.md"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table_of(preset: str) -> str:
    """The preset's queries as docs/presets.md shows them."""
    lines = ["| query | unit | thresholds | bad when | system | feeds |", "|---|---|---|---|---|---|"]
    for query in load_preset(preset).queries:
        cells = (
            f"`{query.name}`",
            query.unit or "",
            ", ".join(f"{threshold:g}" for threshold in sorted(query.thresholds)),
            {"up": "high", "down": "low"}[query.direction],
            ", ".join(f"`{label}`" for label in query.entity),
            ", ".join(query.feeds),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


@pytest.mark.parametrize("preset", preset_names())
def test_the_presets_page_shows_every_query(preset: str) -> None:
    section = next(part for part in PRESETS.split("\n## ") if part.startswith(f"`{preset}`"))
    shown = "\n".join(line for line in section.splitlines() if line.startswith("|"))
    assert shown == table_of(preset)


@pytest.mark.parametrize("preset", preset_names())
def test_the_readme_names_every_preset(preset: str) -> None:
    assert f"| `{preset}` |" in README


def test_the_agents_page_has_a_configuration_that_works() -> None:
    (text,) = re.findall(r"```yaml\n(# pronoia\.yml\n.*?)```", AGENTS, re.DOTALL)
    config = parse(text, "pronoia.yml")
    assert config.warnings == ()
    queries = {query.name: query for query in config.resolved_queries()}
    assert queries["agent_queue_depth"].thresholds == (100,)
    assert len(queries) == len(load_preset("agents").queries)


def test_the_agents_page_speaks_of_queries_that_there_are() -> None:
    names = {query.name for query in load_preset("agents").queries}
    assert set(re.findall(r'query="(\w+)"', AGENTS)) <= names
    for block in re.findall(r"```yaml\n(.*?)```", AGENTS, re.DOTALL):
        yaml.safe_load(block)


# What is no configuration of Pronoia, but of Prometheus, or rules.
OF_OTHERS = {"scrape_configs", "remote_read", "groups"}


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))])
def test_a_configuration_works_as_a_page_shows_it(page: str) -> None:
    for block in re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL):
        told = yaml.safe_load(block)
        if isinstance(told, dict) and not OF_OTHERS & told.keys():
            # A model that comes with a package of the reader's.
            parse(block.replace("model: last-week", "model: naive"), page)
