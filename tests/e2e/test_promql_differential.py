"""Expressions evaluated here equal `query_range` of a real Prometheus: series, missing points and values."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from pronoia.config.preset import load_preset, preset_names
from pronoia.series import TimeRange
from support.prometheus import Prometheus, PrometheusConfig
from support.promql_answers import Judge, Refused, Span, differences, spans
from support.promql_data import stored_samples
from support.promql_samples import END_MS, START_MS
from support.promql_strategies import expressions
from support.remote_write import remote_write

if TYPE_CHECKING:
    from collections.abc import Iterator

LIST = Path(__file__).parents[1] / "support" / "promql_expressions.txt"
LISTED = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
SPANS = spans(START_MS, END_MS)
HOUR_MS = 3_600_000
#: A hunt by hand asks for more, and for others each time: PRONOIA_PROMQL_EXAMPLES=20000.
N_EXAMPLES = int(os.environ.get("PRONOIA_PROMQL_EXAMPLES", "300"))


@pytest.fixture(scope="module")
def judge(real_servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    # Rules are evaluated every 30 seconds: that is the step of subqueries that name none.
    with Prometheus(tmp_path_factory.mktemp("promql"), PrometheusConfig(scrape_interval="30s")) as server:
        assert remote_write(server.url, stored_samples()).status_code == 204
        judge = Judge(server.url, TimeRange(START_MS - HOUR_MS, END_MS + 3 * HOUR_MS))
        assert judge.semantics.subquery_step_ms == 30_000
        yield judge


def assert_agreement(judge: Judge, expression: str, span: Span) -> None:
    theirs, ours = judge.theirs(expression, span), judge.ours(expression, span)
    found = differences(theirs, ours)
    assert not found, "\n".join([expression, str(span), *found[:10]])


def test_the_list_is_long_and_without_repetition() -> None:
    assert len(LISTED) == len(set(LISTED)) > 350


@pytest.mark.parametrize("expression", LISTED)
def test_listed_expressions_agree(judge: Judge, expression: str) -> None:
    for span in SPANS.values():
        assert_agreement(judge, expression, span)


@pytest.mark.parametrize("preset", preset_names())
def test_presets_agree(judge: Judge, preset: str) -> None:
    for query in load_preset(preset).queries:
        for span in SPANS.values():
            assert_agreement(judge, query.expr, span)
            assert preset != "node-exporter" or judge.ours(query.expr, span), query.expr
    failure = load_preset(preset).failure
    for expression in [each.expr for each in (*failure.signals, *failure.conditions) if each.expr is not None]:
        for span in SPANS.values():
            assert_agreement(judge, expression, span)


@pytest.mark.parametrize(
    "expression",
    [
        'rate({__name__=~"(usage|request)_bytes",instance="c"}[5m])',
        'abs({__name__=~"(usage|request)_bytes",instance="c"})',
        '-{__name__=~"(usage|request)_bytes",instance="c"}',
        '{__name__=~"(usage|request)_bytes",instance="c"} > bool 1',
        'label_replace(temperature_celsius, "sensor", "same", "", "")',
        'label_join(temperature_celsius, "sensor", "/", "nothing", "room")',
        'label_replace(up, "", "x", "", "")',
        'label_join(up, "", "", "job")',
        'count_values("", up)',
        "usage_bytes * on (instance) limit_bytes",
        "limit_bytes * on (instance) usage_bytes",
        "usage_bytes * on (instance) group_left () request_bytes",
        "limit_bytes * on (instance) group_right () limit_bytes + on () usage_bytes",
        "usage_bytes * on (instance) group_left (container) limit_bytes",
        "temperature_celsius > on () temperature_celsius",
        "temperature_celsius > on () vector(0)",
        "topk(NaN, temperature_celsius)",
        "topk(scalar(no_such_metric), temperature_celsius)",
        "bottomk(1e30, temperature_celsius)",
        "holt_winters(temperature_celsius[5m], 2, 0.5)",
        "holt_winters(temperature_celsius[5m], 0.5, 0)",
    ],
)
def test_what_prometheus_refuses_to_evaluate_is_refused(judge: Judge, expression: str) -> None:
    for span in SPANS.values():
        assert isinstance(judge.theirs(expression, span), Refused)
        assert isinstance(judge.ours(expression, span), Refused)


@pytest.mark.parametrize(
    "expression",
    [
        "limit_bytes / on (instance) quota_bytes",
        "usage_bytes / on (instance) group_left (tier) quota_bytes",
        "quota_bytes - ignoring (tier) limit_bytes",
    ],
)
def test_ambiguous_series_are_refused_only_while_there_are_two(judge: Judge, expression: str) -> None:
    apart, together = SPANS["every scrape"], SPANS["every minute and beyond both ends"]
    assert not isinstance(judge.theirs(expression, apart), Refused)
    assert isinstance(judge.theirs(expression, together), Refused)
    for span in (apart, together):
        assert_agreement(judge, expression, span)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "sum(",
        "up)",
        "rate(up)",
        "abs(up[5m])",
        "abs(1)",
        "up[5m]",
        '"text"',
        "1 and 2",
        "1 > 2",
        "up and bool up",
        "up + group_left up",
        "up and on (job) group_left up",
        "up offset",
        "up offset 5m offset 5m",
        "up @ soon",
        "up @ 1 @ 2",
        "(up) offset 5m",
        "sum(up) offset 5m",
        "{}",
        '{job=~".*"}',
        '{job=""}',
        'up{job="a"',
        'up{job=~"("}',
        'up{__name__="up"}',
        "up[5m][5m:1m]",
        "up[0s]",
        "up[5m:0s]",
        "sum(up) by",
        "sum by (a) without (b) (up)",
        "topk(up)",
        "count_values(1, up)",
        "count_values(up)",
        "quantile(up, up)",
        "no_such_function(up)",
        "label_replace(up)",
        'label_join(up, "a")',
        "round(up, 1, 2)",
        "scalar(1)",
        "vector(up)",
        "absent(1)",
        "time(1)",
        "up == == up",
        "up ! up",
        "up + on (a) ignoring (b) up",
        "up + on (a) group_left (a) up",
        "1 + on (a) up",
        "sum by (1) (up)",
        "up{a=b}",
    ],
)
def test_what_is_not_promql_is_refused(judge: Judge, expression: str) -> None:
    span = SPANS["one instant"]
    assert isinstance(judge.theirs(expression, span), Refused)
    assert isinstance(judge.ours(expression, span), Refused)


@pytest.mark.parametrize(
    "expression",
    [
        "sort(temperature_celsius)",
        "sort_desc(temperature_celsius)",
        'sort(special_gauge{kind=~"nan|inf|neginf|plain"})',
        'sort_desc(special_gauge{kind=~"nan|inf|neginf|plain"})',
        "topk(3, temperature_celsius)",
        "bottomk(3, temperature_celsius)",
        "sort(topk(3, temperature_celsius))",
    ],
)
def test_order_at_one_instant_is_prometheus_order(judge: Judge, expression: str) -> None:
    span = SPANS["one instant"]
    ours = judge.ours(expression, span)
    assert not isinstance(ours, Refused)
    assert list(ours) == judge.order(expression, span.start_ms)


@pytest.mark.slow
@pytest.mark.timeout(24 * 3600)
@settings(
    max_examples=N_EXAMPLES,
    derandomize="PRONOIA_PROMQL_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(expression=expressions(depth=4), span=st.sampled_from(sorted(SPANS)))
def test_generated_expressions_agree(judge: Judge, expression: str, span: str) -> None:
    note(expression)
    theirs = judge.theirs(expression, SPANS[span])
    event("refused" if isinstance(theirs, Refused) else "empty" if not theirs else "answered")
    assert_agreement(judge, expression, SPANS[span])
