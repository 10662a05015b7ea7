"""Time zones and holidays are known, and events can take place."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pronoia.config.checks.expressions import expression_problem
from pronoia.config.checks.finding import Finding
from pronoia.config.preset import load_preset
from pronoia.config.resolved import presets_in_use
from pronoia.config.resolved_event import in_zone
from pronoia.config.suggestion import did_you_mean, nearest
from pronoia.errors import ConfigError
from pronoia.models.forecast.calendar.holiday_days import NEEDS_PACKAGE, check_region, has_package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.document import Path
    from pronoia.config.schema.event import Event
    from pronoia.config.schema.settings import Settings

_WHEN = ("start", "end", "every")
_OF_A_QUERY = ("upstream", "same_labels")


def check_calendar(settings: Settings) -> Iterator[Finding]:
    """Problems with time zones, holidays and events."""
    yield from _clock(settings.forecast.timezone, settings.forecast.holidays, ("forecast",))
    for position, query in enumerate(settings.queries):
        yield from _clock(query.timezone, query.holidays, ("queries", position))
    names = _query_names(settings)
    for position, event in enumerate(settings.events):
        path = ("events", position)
        yield from _names(event, settings, names, path)
        yield from _times(event, settings, path)
        if event.query is not None and (problem := expression_problem(event.query)):
            yield Finding((*path, "query"), problem)


def _clock(timezone: str | None, holidays: tuple[str, ...] | None, path: Path) -> Iterator[Finding]:
    if timezone is not None:
        yield from _zone(timezone, (*path, "timezone"))
    if holidays and not has_package():
        yield Finding((*path, "holidays"), NEEDS_PACKAGE)
        return
    for position, region in enumerate(holidays or ()):
        yield from _region(region, (*path, "holidays", position))


def _zone(name: str, path: Path) -> Iterator[Finding]:
    if not _is_zone(name):
        # Walks a thousand files, so only to help.
        known = available_timezones()
        # Of Berlin, people mean Europe/Berlin.
        by_city = {zone.rpartition("/")[2]: zone for zone in sorted(known)}
        near = by_city.get(nearest(name.rpartition("/")[2], by_city) or "") or nearest(name, known)
        hint = f"did you mean {near!r}?" if near else "it is an IANA name such as Europe/Berlin"
        yield Finding(path, f"there is no time zone {name!r}; {hint}")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _region(region: str, path: Path) -> Iterator[Finding]:
    try:
        check_region(region)
    except ConfigError as error:
        yield Finding(path, error.problems[0].problem)


def _query_names(settings: Settings) -> list[str]:
    of_presets = (query for preset in _known_presets(settings) for query in load_preset(preset).queries)
    return [query.name for query in (*settings.queries, *of_presets)]


def _known_presets(settings: Settings) -> list[str]:
    known = []
    for preset in presets_in_use(settings):
        try:
            load_preset(preset)
        except ConfigError:
            continue
        known.append(preset)
    return known


def _names(event: Event, settings: Settings, names: list[str], path: Path) -> Iterator[Finding]:
    for position, name in enumerate(event.queries):
        if name not in names:
            problem = f"there is no query {name!r}{did_you_mean(name, names)}"
            yield Finding((*path, "queries", position), problem, (("queries", "*", "name"), ("presets",)))
    upstreams = [upstream.name for upstream in settings.upstreams]
    if event.upstream is not None and event.upstream not in upstreams:
        problem = f"there is no upstream {event.upstream!r}{did_you_mean(event.upstream, upstreams)}"
        yield Finding((*path, "upstream"), problem, (("upstreams", "*", "name"),))


def _times(event: Event, settings: Settings, path: Path) -> Iterator[Finding]:
    about = tuple((*path, key) for key in (*_WHEN, "duration", "query"))
    if event.query is not None:
        for key in _WHEN:
            if getattr(event, key) is not None:
                yield Finding((*path, key), "the query says when the event takes place; give one of both", about)
        return
    for key in _OF_A_QUERY:
        if getattr(event, key):
            yield Finding((*path, key), "is for events that have a query", about)
    if event.start is None:
        yield Finding(path, "give start, or a query that says when the event takes place", about)
    elif (event.end is None) == (event.duration is None):
        yield Finding(path, "give end or duration, one of both", about)
    elif event.end is not None and len(event.start) > 1:
        yield Finding((*path, "end"), f"cannot be that of {len(event.start)} starts; give a duration", about)
    elif event.end is not None and _is_zone(settings.forecast.timezone):
        zone = ZoneInfo(settings.forecast.timezone)
        start, end = in_zone(event.start[0], zone), in_zone(event.end, zone)
        if end <= start:
            yield Finding((*path, "end"), f"{end.isoformat()} is not after the start, {start.isoformat()}", about)
