"""Points that subqueries need, counted before anything is read."""

from __future__ import annotations

import pytest

from pronoia.errors import QueryTooLarge
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Plan
from pronoia.promql.semantics import Semantics
from pronoia.promql.subquery_spans import refuse_long_subqueries, subquery_spans

HOUR_MS = 3_600_000


def points(expression: str, width_ms: int = 0) -> list[int]:
    plan = compile_promql(expression, Semantics(subquery_step_ms=30_000))
    assert isinstance(plan, Plan)
    return [span.n_points(width_ms) for span in subquery_spans(plan)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(a[5m])", []),
        ("max_over_time(a[1h:1m])", [61]),
        ("max_over_time(a[1h:])", [121]),
        ("sum(max_over_time((-a)[1h:1m])) / on () quantile(scalar(min_over_time(b[10m:5m])), c)", [61, 3]),
        ("max_over_time(min_over_time(a[1h:10s])[1d:1h])", [25, 25 * 360 + 1]),
        ("max_over_time(min_over_time(a[1h:10s] @ 0)[1d:1h])", [25, 361]),
    ],
)
def test_a_subquery_is_evaluated_over_its_range_and_those_around_it(expression: str, expected: list[int]) -> None:
    assert points(expression) == expected


def test_the_width_of_the_evaluation_counts_unless_the_time_is_fixed() -> None:
    assert points("max_over_time(a[1h:1m])", HOUR_MS) == [121]
    assert points("max_over_time(a[1h:1m] @ end())", HOUR_MS) == [61]
    assert points("max_over_time(min_over_time(a[1h:1m])[1h:1m] @ 0)", HOUR_MS) == [61, 121]


def test_a_subquery_of_too_many_points_is_refused_with_its_position() -> None:
    plan = compile_promql("up + max_over_time(a[1h:1s])")
    assert isinstance(plan, Plan)
    refuse_long_subqueries(plan, 3601)
    with pytest.raises(QueryTooLarge, match="needs 3601 points for each series, max_subquery_points is 3600") as caught:
        refuse_long_subqueries(plan, 3600)
    assert caught.value.position == len("up + max_over_time(")
