"""Dashboards are what the generator writes, and keep to the rules of dashboard-linter that matter.

Not kept: `template-job` and `template-instance` want `.+` for "All", which would hide what is aggregated over jobs or
instances; `target-job` and `target-instance` want both in every selector, but what is told of a query or a resource
has neither.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import promql_parser
import pytest
from grafana_foundation_sdk.models.dashboard import Dashboard

from support.dashboards import Asked, asked, boards, filled, panels

ROOT = Path(__file__).parents[2]
BOARDS = boards()
PANELS = [
    pytest.param(panel, id=f"{stem}: {panel['title']}") for stem, board in BOARDS.items() for panel in panels(board)
]
ASKED = [pytest.param(one, id=str(one)) for one in asked()]
#: What variables may hold.
VALUES = {
    "job": ".*", "instance": ".*", "resource": ".*", "failure": ".*", "horizon": "1h", "query": "load",
    "metric": "load", "expression": "node_load1", "__rate_interval": "1m",
}  # fmt: skip


def test_they_are_what_the_generator_writes() -> None:
    command = [sys.executable, str(ROOT / "grafana" / "generator"), "--check"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("stem", BOARDS)
def test_grafanas_own_types_read_them(stem: str) -> None:
    assert Dashboard.from_json(BOARDS[stem]).uid == f"pronoia-{stem}"


@pytest.mark.parametrize("stem", BOARDS)
def test_they_can_be_imported_and_provisioned(stem: str) -> None:
    board = BOARDS[stem]
    assert "__inputs" not in board
    assert board.get("id") is None
    assert not board["editable"]
    assert len(board["uid"]) <= 40
    assert board["refresh"] == "1m"
    assert [link["tags"] for link in board["links"]] == [["pronoia"]]
    assert {"pronoia", stem} <= set(board["tags"])


@pytest.mark.parametrize("stem", BOARDS)
def test_variables_follow_the_time_range_and_say_what_they_are(stem: str) -> None:
    source, *others = BOARDS[stem]["templating"]["list"]
    assert (source["type"], source["name"], source["label"]) == ("datasource", "datasource", "Data source")
    assert {"job", "instance"} <= {variable["name"] for variable in others}
    for variable in others:
        assert variable["label"] == variable["name"]
        assert variable["refresh"] == 2
        assert variable["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert not variable.get("includeAll") or variable["allValue"] == ".*"


def _sources(value: Any) -> list[Any]:
    if isinstance(value, dict):
        inner = [found for key, each in value.items() if key != "datasource" for found in _sources(each)]
        return [*inner, *([value["datasource"]] if value.get("datasource") else [])]
    return [found for each in value for found in _sources(each)] if isinstance(value, list) else []


@pytest.mark.parametrize("stem", BOARDS)
def test_all_data_come_from_the_chosen_source(stem: str) -> None:
    own = [source for source in _sources(BOARDS[stem]) if source.get("type") == "prometheus"]
    assert len(own) > 10
    assert {source["uid"] for source in own} == {"${datasource}"}


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_says_what_it_shows_and_in_which_unit(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    if panel["type"] == "text":
        return
    assert panel["targets"]
    defaults = panel["fieldConfig"]["defaults"]
    overridden = [each["id"] for override in panel["fieldConfig"]["overrides"] for each in override["properties"]]
    assert defaults.get("unit") or "unit" in overridden
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@pytest.mark.parametrize("panel", PANELS)
def test_what_is_asked_as_of_now_is_so_on_dashboards_that_end_in_the_future(panel: dict[str, Any]) -> None:
    if any(target.get("instant") for target in panel.get("targets", [])):
        assert panel["timeFrom"] == "1h"


@pytest.mark.parametrize("panel", PANELS)
def test_a_band_is_filled_down_to_a_series_that_is_there(panel: dict[str, Any]) -> None:
    legends = {target.get("legendFormat") for target in panel.get("targets", [])}
    for override in panel.get("fieldConfig", {}).get("overrides", []):
        for each in override["properties"]:
            if each["id"] == "custom.fillBelowTo":
                assert {each["value"], override["matcher"]["options"]} <= legends


@pytest.mark.parametrize("one", ASKED)
def test_queries_are_promql_with_rates_over_the_interval_of_scrapes(one: Asked) -> None:
    promql_parser.parse(filled(one.expr, VALUES))
    assert all(span == "$__rate_interval" for span in re.findall(r"rate\([^\[]*\[([^\]]*)\]", one.expr))
    counters = re.findall(r"(\w+)\((pronoia_\w+_total)", one.expr)
    assert all(function in ("rate", "increase") for function, _ in counters if function != "sum" or "rate" in one.expr)
