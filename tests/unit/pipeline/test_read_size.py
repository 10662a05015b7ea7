"""What reading takes, told from a short part of it, against the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.errors import QueryTooLarge
from pronoia.pipeline.planned_read import planned_reads
from pronoia.pipeline.probe import PROBE_MS, measured_parts
from pronoia.pipeline.read_size import PartSize, ReadSize
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Plan
from pronoia.promql.subquery_spans import subquery_spans
from pronoia.series import LabelSet, Matcher, SeriesFrame, TimeRange
from pronoia.transport.settings import UpstreamLimits

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = 1_000 * DAY


def plan_of(expression: str) -> Plan:
    plan = compile_promql(expression)
    assert isinstance(plan, Plan)
    return plan


def stored(n_series: int, every_ms: int, asked: list[TimeRange]) -> Callable[..., SeriesFrame]:
    """A store of series with a sample at each multiple of `every_ms`."""

    def read(matchers: tuple[Matcher, ...], time_range: TimeRange) -> SeriesFrame:
        asked.append(time_range)
        times = np.arange(-(-time_range.start_ms // every_ms), time_range.end_ms // every_ms + 1) * every_ms
        labels = [LabelSet({"__name__": matchers[0].value, "n": str(i)}) for i in range(n_series)]
        return SeriesFrame.from_series(dict.fromkeys(labels, (times, np.ones(len(times)))))

    return read


def size_of(expression: str, n_series: int = 10, every_ms: int = 15_000, step_ms: int = MINUTE) -> ReadSize:
    plan = plan_of(expression)
    parts = measured_parts(expression, planned_reads(plan, NOW, NOW), stored(n_series, every_ms, []))
    return ReadSize(expression, step_ms, tuple(parts), tuple(subquery_spans(plan)))


def test_series_and_samples_are_counted_over_the_newest_minutes_of_each_range() -> None:
    asked: list[TimeRange] = []
    plan = plan_of("rate(a[1h]) / b offset 1d")
    parts = tuple(measured_parts(plan.expression, planned_reads(plan, NOW, NOW), stored(10, 15_000, asked)))
    assert asked == [
        TimeRange(NOW - DAY - PROBE_MS + 1, NOW - DAY),
        TimeRange(NOW - PROBE_MS + 1, NOW),
    ]
    assert [(part.n_series, part.samples_per_second, part.before_ms) for part in parts] == [
        (10, 10 / 15, 5 * MINUTE),
        (10, 10 / 15, HOUR),
    ]


def test_a_narrow_expression_is_read_in_slices_as_wide_as_allowed() -> None:
    assert size_of("rate(a[5m])").slice_ms(DAY, UpstreamLimits()) == DAY


def test_slices_are_narrowed_until_they_stay_well_inside_the_limit() -> None:
    size = size_of("rate(a[5m])")
    limits = UpstreamLimits(max_samples=20_000)
    width = size.slice_ms(DAY, limits)
    assert width == DAY // 8
    assert sum(part.n_samples(width) for part in size.parts) <= 10_000
    size.check(limits)


def test_no_slice_is_narrower_than_a_step() -> None:
    assert size_of("rate(a[5m])", step_ms=HOUR).slice_ms(DAY, UpstreamLimits(max_samples=300)) == HOUR


def test_points_of_the_evaluation_narrow_slices_too() -> None:
    size = size_of("max_over_time(a[1h:1s])", n_series=100, every_ms=MINUTE)
    assert size.slice_ms(DAY, UpstreamLimits(max_samples=2_000_000)) == DAY // 16


def test_no_slice_is_narrower_than_what_lies_before_it() -> None:
    size = ReadSize("avg_over_time(x[7d])", 5 * MINUTE, (PartSize(14, 300, 20.0, before_ms=7 * DAY),))
    size.check(UpstreamLimits())
    assert size.slice_ms(7 * DAY, UpstreamLimits(max_samples=26_000_000)) == 7 * DAY


def test_a_range_too_long_for_slices_of_its_length_is_refused_with_what_to_change() -> None:
    size = ReadSize("avg_over_time(x[7d])", 5 * MINUTE, (PartSize(14, 1000, 1000 / 15, before_ms=7 * DAY),))
    told = "slices of 1w, the narrowest of use, need about 80640000 samples, .* 1000 series here; limits.max_samples is"
    with pytest.raises(QueryTooLarge, match=told) as caught:
        size.check(UpstreamLimits())
    assert caught.value.position == 14
    assert "use a recording rule, shorten the range or name fewer series, or raise the limit" in caught.value.reason


def test_a_range_that_cannot_be_sliced_is_refused_as_a_whole() -> None:
    size = ReadSize("a - a @ start()", MINUTE, (PartSize(0, 10, 1.0),))
    size.check(UpstreamLimits(max_samples=20_000))
    with pytest.raises(QueryTooLarge, match=r"@ start\(\) and @ end\(\) allow no slices, and all 1d need about 86400"):
        size.check(UpstreamLimits(max_samples=20_000), DAY)


def test_more_values_than_allowed_in_one_slice_are_refused() -> None:
    size = ReadSize("x", 1, (PartSize(0, 1000, 1.0, before_ms=HOUR),))
    with pytest.raises(QueryTooLarge, match=r"its 3600001000 values in 1h are too many, limits.max_samples is"):
        size.check(UpstreamLimits())


def test_a_range_too_long_for_any_slice_is_refused_at_the_selector_that_takes_most() -> None:
    size = ReadSize("b + rate(a[7d])", MINUTE, (PartSize(0, 10, 1.0), PartSize(9, 10, 1.0, before_ms=7 * DAY)))
    with pytest.raises(QueryTooLarge, match="a single instant needs about 604800 samples, 604800 of them") as caught:
        size.check(UpstreamLimits(max_samples=604_799))
    assert caught.value.position == 9


def test_a_subquery_of_too_many_points_is_refused() -> None:
    size = size_of("max_over_time(a[1h:1s])", n_series=100)
    with pytest.raises(QueryTooLarge, match="needs about 750100 points, 7501 for each of 100 series"):
        size.check(UpstreamLimits(max_samples=750_099))


def test_what_is_fixed_in_time_does_not_grow_with_the_slice() -> None:
    part = PartSize(0, 10, 1.0, before_ms=HOUR, is_fixed=True)
    assert part.n_samples(DAY) == part.n_samples(0) == 3600
    assert ReadSize("", MINUTE, (part, PartSize(0, 1, 1.0, before_ms=MINUTE))).before_ms == MINUTE


def test_an_expression_without_series_takes_nothing() -> None:
    size = size_of("vector(1)")
    size.check(UpstreamLimits())
    assert (size.n_series, size.samples_per_second, size.before_ms) == (0, 0.0, 0)
    assert size.slice_ms(DAY, UpstreamLimits(max_samples=1)) == DAY
