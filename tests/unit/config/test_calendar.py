"""Time zones, holidays and events: what is refused, with what is right instead, and what comes of the rest."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from pronoia.config.load import parse
from pronoia.config.resolved_event import ResolvedEvent
from pronoia.errors import ConfigError
from pronoia.models.forecast.calendar.holiday_days import has_package

QUERIES = "queries: [{name: sales, expr: orders}, {name: load, expr: node_load1}]\n"


def problems(text: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as refused:
        parse(QUERIES + text, "t.yml")
    return {problem.path: problem.problem for problem in refused.value.problems}


def events(text: str) -> tuple[ResolvedEvent, ...]:
    config = parse(f"{QUERIES}forecast: {{timezone: Europe/Berlin}}\nevents:\n  - {text}\n", "t.yml")
    return config.resolved_queries()[0].events


@pytest.mark.parametrize(
    ("zone", "near"),
    [("Europe/Berln", "Europe/Berlin"), ("Berlin", "Europe/Berlin"), ("new_york", "America/New_York")],
)
def test_an_unknown_zone_is_refused_with_the_nearest(zone: str, near: str) -> None:
    assert problems(f"forecast: {{timezone: {zone}}}") == {
        "forecast.timezone": f"there is no time zone {zone!r}; did you mean {near!r}?"
    }


def test_a_zone_like_none_is_told_what_one_is() -> None:
    assert "such as Europe/Berlin" in problems("forecast: {timezone: '7'}")["forecast.timezone"]


def test_holidays_without_the_package_are_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pronoia.config.checks.calendar.has_package", lambda: False)
    assert problems("forecast: {holidays: [DE, US-CA]}") == {
        "forecast.holidays": "needs the package holidays: pip install 'pronoia[calendar]'"
    }


@pytest.mark.skipif(not has_package(), reason="the package holidays is not installed")
def test_an_unknown_country_is_refused_where_it_stands() -> None:
    assert list(problems("forecast: {holidays: [DE, QQ]}")) == ["forecast.holidays[1]"]


def test_a_query_may_follow_another_clock() -> None:
    text = (
        "forecast: {timezone: Europe/Berlin}\nqueries: [{name: a, expr: up, timezone: Asia/Tokyo}, {name: b, expr: up}]"
    )
    assert [query.timezone for query in parse(text, "t.yml").resolved_queries()] == ["Asia/Tokyo", "Europe/Berlin"]


@pytest.mark.parametrize(
    ("event", "path", "problem"),
    [
        ("{name: x, start: 2026-11-27, end: 2026-11-26}", "events[0].end", "is not after the start"),
        ("{name: x, start: 2026-11-27}", "events[0]", "give end or duration, one of both"),
        ("{name: x, start: 2026-11-27, end: 2026-11-28, duration: 1h}", "events[0]", "give end or duration"),
        ("{name: x, start: [2026-11-27, 2026-12-27], end: 2026-11-28}", "events[0].end", "cannot be that of 2 starts"),
        ("{name: x}", "events[0]", "give start, or a query"),
        ("{name: x, start: tomorrow, duration: 1h}", "events[0].start[0]", "must be a date or a time such as"),
        ("{name: x, query: up, start: 2026-11-27}", "events[0].start", "give one of both"),
        ("{name: x, query: 'sum('}", "events[0].query", "not PromQL at character 4"),
        ("{name: x, query: up offset -5m}", "events[0].query", "into the future"),
        ("{name: x, query: up @ start()}", "events[0].query", "@ fixes an instant"),
        ("{name: x, query: up, upstream: prometeus}", "events[0].upstream", "did you mean 'prometheus'"),
        ("{name: x, start: 2026-11-27, duration: 1h, same_labels: [a]}", "events[0].same_labels", "have a query"),
        ("{name: x, query: up, queries: [sale]}", "events[0].queries[0]", "no query 'sale'; did you mean 'sales'"),
        ("{name: x, start: 2026-11-27, duration: 1h, every: monthly}", "events[0].every", "must be weekly"),
        ("{name: x, query: up, on: [a]}", "events[0].on", "write same_labels"),
    ],
)
def test_an_event_that_cannot_be_is_refused(event: str, path: str, problem: str) -> None:
    found = problems(f"events: [{event}]")
    assert list(found) == [path]
    assert problem in next(iter(found.values()))


def test_two_events_of_a_name_are_refused() -> None:
    both = "events: [{name: x, query: up}, {name: x, query: up}]"
    assert problems(both) == {"events[1].name": "'x' is the name of events[0] already"}


def test_times_without_an_offset_are_those_of_the_zone() -> None:
    (event,) = events("{name: sale, start: 2026-11-27 06:00, end: 2026-11-28T00:00+00:00}")
    assert event.starts == (datetime(2026, 11, 27, 6, tzinfo=ZoneInfo("Europe/Berlin")),)
    assert event.duration_seconds == 19 * 3600


def test_several_starts_are_sorted_and_have_one_duration() -> None:
    (event,) = events("{name: job, start: [2026-11-08T10:00Z, 2026-11-01], duration: 90m, every: weekly}")
    assert [start.day for start in event.starts] == [1, 8]
    assert (event.duration_seconds, event.is_weekly) == (5400, True)


def test_a_query_of_an_event_is_read_from_the_first_upstream_unless_it_names_one() -> None:
    (event,) = events("{name: deploy, query: 'changes(generation[5m]) > 0', same_labels: [namespace]}")
    assert event == ResolvedEvent(
        "deploy", None, expr="changes(generation[5m]) > 0", upstream="prometheus", on=("namespace",)
    )


def test_an_event_belongs_to_the_queries_that_it_names() -> None:
    config = parse(QUERIES + "events: [{name: sale, query: sale_on, queries: [sales]}]", "t.yml")
    assert [len(query.events) for query in config.resolved_queries()] == [1, 0]


def test_overlapping_events_are_fine() -> None:
    parse(
        QUERIES + "events: [{name: a, start: 2026-11-27, duration: 2d}, {name: b, start: 2026-11-28, duration: 2d}]",
        "t.yml",
    )
