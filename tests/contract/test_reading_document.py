"""docs/reading.md says how queries are read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pronoia.config.schema.upstream import Promql, ReadLimits, Upstream
from pronoia.exposition.families import FAMILIES
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Plan, Unsupported

PAGE = (Path(__file__).parents[2] / "docs" / "reading.md").read_text(encoding="utf-8")
(LEFT_TO_THE_SERVER,) = re.findall(r"```promql\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("expression", LEFT_TO_THE_SERVER.splitlines())
def test_what_it_says_is_left_to_the_server_is_not_evaluated_here(expression: str) -> None:
    assert isinstance(compile_promql(expression), Unsupported)


@pytest.mark.parametrize("expression", ["avg_over_time(x[30d])", "max_over_time(x[30d:1s])"])
def test_what_it_says_is_evaluated_here_is(expression: str) -> None:
    assert isinstance(compile_promql(expression), Plan)


def test_the_keys_it_names_are_keys() -> None:
    for key in Promql.model_fields:
        assert f"`{key}: " in PAGE
    for key in ("max_series", "max_samples", "max_subquery_points"):
        assert key in ReadLimits.model_fields
        assert key in PAGE
    assert {"read", "slice", "promql", "limits"} <= set(Upstream.model_fields)


def test_the_metrics_it_names_are_exposed() -> None:
    assert set(re.findall(r"pronoia_[a-z_]+", PAGE)) <= {family.name for family in FAMILIES}
