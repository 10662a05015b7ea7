"""What is read for an expression, before anything is asked of a server."""

from __future__ import annotations

from pronoia.pipeline.planned_read import PlannedRead, planned_reads
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Plan
from pronoia.promql.semantics import Semantics

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START, END = 100 * DAY, 101 * DAY


def reads(expression: str, lookback_ms: int = 5 * MINUTE) -> list[tuple[str, int, int, int]]:
    """Metric, minutes before the start, minutes before the end, selectors served."""
    plan = compile_promql(expression, Semantics(lookback_ms=lookback_ms))
    assert isinstance(plan, Plan)
    return [told(read) for read in planned_reads(plan, START, END)]


def told(read: PlannedRead) -> tuple[str, int, int, int]:
    before, after = START - read.time_range.start_ms, END - read.time_range.end_ms
    return ",".join(sorted(map(str, read.matchers))), before // MINUTE, after // MINUTE, len(read.selectors)


def test_a_selector_is_read_as_far_back_as_its_range_and_its_offset_reach() -> None:
    assert reads("rate(a[30m] offset 1h)") == [('__name__="a"', 90, 60, 1)]


def test_selectors_of_the_same_series_are_read_once_over_all_of_their_ranges() -> None:
    assert reads("rate(a[10m]) / rate(a[1h]) + a offset 2h") == [('__name__="a"', 125, 0, 3)]


def test_a_read_stands_where_the_selector_does_that_takes_most() -> None:
    plan = compile_promql("a + rate(a[1h]) + rate(a[5m])")
    assert isinstance(plan, Plan)
    (read,) = planned_reads(plan, START, END)
    assert read.position == len("a + rate(")


def test_the_order_of_matchers_makes_no_difference() -> None:
    ((matchers, *_, n_selectors),) = reads('sum(rate(a{x="1",y!="2"}[10m])) + sum(a{y!="2",x="1"})')
    assert matchers == '__name__="a",x="1",y!="2"'
    assert n_selectors == 2


def test_other_matchers_are_other_reads() -> None:
    assert [matchers for matchers, *_ in reads('a / a{x="1"}')] == ['__name__="a"', '__name__="a",x="1"']


def test_what_lies_between_ranges_far_apart_is_not_read() -> None:
    assert reads("a - a offset 1w") == [('__name__="a"', 7 * 1440 + 5, 7 * 1440, 1), ('__name__="a"', 5, 0, 1)]


def test_a_fixed_time_is_read_where_it_is() -> None:
    plan = compile_promql(f"a @ {50 * DAY // 1000}")
    assert isinstance(plan, Plan)
    (read,) = planned_reads(plan, START, END)
    assert (read.time_range.start_ms, read.time_range.end_ms) == (50 * DAY - 5 * MINUTE, 50 * DAY)


def test_the_future_is_read_where_the_offset_is_negative() -> None:
    assert reads("a offset -1h") == [('__name__="a"', 5 - 60, -60, 1)]


def test_an_expression_without_series_reads_nothing() -> None:
    assert reads("vector(time())") == []
