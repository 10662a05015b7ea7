"""What each event comes to, once time zone and upstream are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

    from pronoia.config.schema.event import Event
    from pronoia.config.schema.settings import Settings


@dataclass(frozen=True, slots=True)
class ResolvedEvent:
    """One event with nothing left open.

    Args:
        name: value of the `event` label.
        duration_seconds: how long it lasts; None, for a query only, if that is to be seen from it.
        starts: with their time zones, ascending; empty for a query.
        is_weekly: whether each start comes again every week, at the same local time.
        expr: PromQL that is not zero while it lasts; empty for a schedule.
        upstream: name of the upstream that evaluates it; empty for a schedule.
        on: labels on which its series and those forecast must agree.
    """

    name: str
    duration_seconds: int | None
    starts: tuple[datetime, ...] = ()
    is_weekly: bool = False
    expr: str = ""
    upstream: str = ""
    on: tuple[str, ...] = ()


def resolve_events(settings: Settings, query: str) -> tuple[ResolvedEvent, ...]:
    """The events of a query, in the order of the file; the settings must have passed the checks."""
    zone = ZoneInfo(settings.forecast.timezone)
    return tuple(
        _resolved(event, settings, zone) for event in settings.events if not event.queries or query in event.queries
    )


def in_zone(instant: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in this zone if it names none."""
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)


def _resolved(event: Event, settings: Settings, zone: ZoneInfo) -> ResolvedEvent:
    duration = event.duration.whole_seconds if event.duration else None
    if event.query is not None:
        upstream = event.upstream or settings.upstreams[0].name
        return ResolvedEvent(event.name, duration, expr=event.query, upstream=upstream, on=event.same_labels)
    starts = sorted(in_zone(start, zone) for start in event.start or ())
    if duration is None and event.end is not None:
        duration = round((in_zone(event.end, zone) - starts[0]).total_seconds())
    return ResolvedEvent(event.name, duration, tuple(starts), event.every == "weekly")
