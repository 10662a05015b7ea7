"""When events take place, by schedule and by query, and what comes of reads that fail."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from pronoia.config.resolved_event import ResolvedEvent
from pronoia.errors import UpstreamTimeout
from pronoia.models.forecast.calendar.times import EventTimes
from pronoia.pipeline.event_feed import EventFeeds, QueryEvents, occurrences, scheduled_times
from pronoia.series import LabelSet, SeriesFrame, TimeRange

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP_MS = 300_000
BERLIN = ZoneInfo("Europe/Berlin")
DEPLOY = ResolvedEvent("deploy", 1800, expr="changes(generation[5m]) > 0", upstream="prometheus")
WEEK = 7 * 86_400


class Steps:
    """An upstream whose event is on in these steps of five minutes."""

    def __init__(self, *on: int) -> None:
        self.on = np.array(on, dtype=np.int64)
        self.error: Exception | None = None
        self.n_reads = 0

    def read(self, _: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        self.n_reads += 1
        if self.error:
            raise self.error
        times = self.on * STEP_MS
        times = times[(times >= time_range.start_ms) & (times <= time_range.end_ms)]
        return SeriesFrame.from_series({LabelSet({"ns": "a"}): (times, np.ones(len(times)))} if len(times) else {})

    def parts(self, expression: str, time_range: TimeRange, step_ms: int) -> Iterator[SeriesFrame]:
        yield self.read(expression, time_range, step_ms)


def frame(**series: list[float]) -> SeriesFrame:
    """A sample a step from 0 on; NaN is an instant without one."""
    found = {}
    for name, values in series.items():
        known = np.flatnonzero(~np.isnan(values))
        found[LabelSet({"ns": name})] = (known * STEP_MS, np.array(values)[known])
    return SeriesFrame.from_series(found)


def starts(*steps: int) -> tuple[int, ...]:
    return tuple(step * STEP_MS for step in steps)


NAN = float("nan")


@pytest.mark.parametrize(
    "values", [[0, 1, 1, 0, 0, 0, 0, 0, 0, 2, 0], [NAN, 1, 1, NAN, NAN, NAN, NAN, NAN, NAN, 2, NAN]]
)
def test_an_occurrence_begins_where_the_query_is_no_longer_zero_or_absent(values: list[float]) -> None:
    assert occurrences(DEPLOY, frame(a=values), STEP_MS) == (EventTimes("deploy", 1_800_000, starts(1, 9)),)


def test_what_begins_while_an_event_lasts_belongs_to_it() -> None:
    (found,) = occurrences(DEPLOY, frame(a=[0, 1, 0, 1, 0, 0, 1, 0, 1], b=[0, 0, 1, 0, 0, 0, 0, 0, 0]), STEP_MS)
    assert found.starts_ms == starts(1, 8)


def test_without_a_duration_it_lasts_as_long_as_it_mostly_has() -> None:
    (found,) = occurrences(replace(DEPLOY, duration_seconds=None), frame(a=[0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1]), STEP_MS)
    assert found.duration_ms == 2 * STEP_MS


def test_occurrences_are_kept_apart_by_the_labels_that_must_agree() -> None:
    found = occurrences(replace(DEPLOY, on=("ns",)), frame(a=[0, 1, 0], b=[0, 0, 1]), STEP_MS)
    assert [(each.on, each.starts_ms) for each in found] == [((("ns", "a"),), starts(1)), ((("ns", "b"),), starts(2))]
    assert found[0].concerns(LabelSet({"ns": "a", "pod": "x"}))
    assert not found[0].concerns(LabelSet({"ns": "b"}))


def test_a_weekly_event_keeps_its_local_time_over_a_change_of_the_clock() -> None:
    start = datetime(2026, 3, 16, 22, tzinfo=BERLIN)
    event = ResolvedEvent("job", 3600, (start,), is_weekly=True)
    found = scheduled_times(event, start.timestamp() - 1, start.timestamp() + 3 * WEEK)
    local = [datetime.fromtimestamp(at / 1000, BERLIN) for at in found.starts_ms]
    assert [(at.day, at.hour) for at in local] == [(16, 22), (23, 22), (30, 22), (6, 22)]


def test_a_schedule_ends_where_nobody_looks() -> None:
    event = ResolvedEvent("sale", 60, tuple(datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3)))
    inside = datetime(2026, 2, 1, tzinfo=UTC).timestamp()
    assert scheduled_times(event, inside - 10, inside + 10).starts_ms == (round(inside * 1000),)


def test_a_weekly_event_of_long_ago_still_comes() -> None:
    event = ResolvedEvent("job", 3600, (datetime(1990, 1, 1, tzinfo=UTC),), is_weekly=True)
    assert len(scheduled_times(event, 1_795_000_000, 1_795_000_000 + 2 * WEEK).starts_ms) == 2


def feeding(bench, upstream: Steps, **changes: object) -> tuple[EventFeeds, QueryEvents]:
    feeds = EventFeeds(bench.telemetry)
    query = bench.query(events=(replace(DEPLOY, **changes),))
    return feeds, feeds.of(query, {"prometheus": upstream})  # type: ignore[dict-item]


def test_queries_share_what_is_read_of_an_event(bench) -> None:
    now_step = int(bench.now * 1000) // STEP_MS
    upstream = Steps(now_step - 100, now_step - 3)
    feeds, events = feeding(bench, upstream)
    (found,) = events.times(bench.now)
    assert found.starts_ms == starts(now_step - 100, now_step - 3)
    read = upstream.n_reads
    other = feeds.of(bench.query(name="other", events=(DEPLOY,)), {"prometheus": upstream})  # type: ignore[dict-item]
    assert other.times(bench.now) == (found,)
    assert upstream.n_reads == read


def test_a_read_that_fails_is_counted_and_logged_once_and_what_was_known_stays(bench, caplog) -> None:
    now_step = int(bench.now * 1000) // STEP_MS
    upstream = Steps(now_step - 100)
    _, events = feeding(bench, upstream)
    known = events.times(bench.now)
    upstream.error = UpstreamTimeout("no answer within 60 s")
    with caplog.at_level(logging.INFO):
        for minute in (1, 2, 3):
            assert events.times(bench.now + 60 * minute) == known
        upstream.error = None
        events.times(bench.now + 240)
    assert bench.metric("pronoia_event_read_failures_total", event="deploy", reason="timeout") == 3
    assert [record.message for record in caplog.records] == [
        "event deploy: no news of it, forecasts go on without: no answer within 60 s",
        "event deploy: is read again",
    ]


def test_a_cycle_forecasts_on_while_its_event_cannot_be_read(bench) -> None:
    upstream = Steps()
    upstream.error = UpstreamTimeout("no answer within 60 s")
    _, events = feeding(bench, upstream)
    cycle = bench.cycle(events=(DEPLOY,), known=events)
    bench.run(cycle, rounds=2)
    assert cycle.forecast is not None


def test_a_fit_tells_for_how_many_series_an_event_is_used(bench) -> None:
    now_step = int(bench.now * 1000) // STEP_MS
    _, events = feeding(bench, Steps(now_step - 300, now_step - 900))
    cycle = bench.cycle(events=(DEPLOY,), known=events)
    bench.run(cycle, rounds=2)
    # Waves without any event: it is known and not believed.
    assert bench.metric("pronoia_forecast_event_series", query="cpu", event="deploy") == 0
    assert bench.metric("pronoia_forecast_local_clock_series", query="cpu") == 0


def test_a_query_s_state_is_of_no_use_to_other_events(bench) -> None:
    from pronoia.pipeline.query_state import fingerprint

    plain = bench.query()
    others = [bench.query(timezone="Asia/Tokyo"), bench.query(holidays=("DE",)), bench.query(events=(DEPLOY,))]
    assert len({fingerprint(query) for query in (plain, *others)}) == 4
