"""What the calendar of a query says: a time zone, whose holidays, and when events were and will be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.series import LabelSet


@dataclass(frozen=True, slots=True)
class EventTimes:
    """All known occurrences of an event, for the series that it concerns.

    Args:
        name: of the event; several may share it, for different series.
        duration_ms: how long each occurrence lasts; positive.
        starts_ms: UTC, ascending, past and future.
        on: labels that a series must have to be concerned; all series if empty.

    Raises:
        ValueError: if the duration is not positive.
    """

    name: str
    duration_ms: int
    starts_ms: tuple[int, ...] = ()
    on: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.duration_ms < 1:
            raise ValueError(f"event {self.name} lasts {self.duration_ms} ms, at least 1 is needed")

    def concerns(self, labels: LabelSet) -> bool:
        """Whether the event is one of this series'."""
        return all(labels.get(name) == value for name, value in self.on)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a fit knows of the calendar; plain values, so that it travels to worker processes.

    Args:
        timezone: IANA name of the clock that people follow; UTC changes nothing.
        holidays: whose public holidays count, as `DE` or `US-CA`.
        events: known events.
    """

    timezone: str = "UTC"
    holidays: tuple[str, ...] = ()
    events: tuple[EventTimes, ...] = field(default=())

    @property
    def event_names(self) -> tuple[str, ...]:
        """Distinct names of the events, in their order."""
        return tuple(dict.fromkeys(event.name for event in self.events))

    @classmethod
    def from_words(cls, words: Mapping[str, Any]) -> Calendar:
        """What `dataclasses.asdict` made, perhaps by way of JSON.

        Raises:
            KeyError: if something is missing.
        """
        events = (
            EventTimes(
                name=str(event["name"]),
                duration_ms=int(event["duration_ms"]),
                starts_ms=tuple(int(start) for start in event["starts_ms"]),
                on=tuple((str(name), str(value)) for name, value in event["on"]),
            )
            for event in words["events"]
        )
        return cls(str(words["timezone"]), tuple(map(str, words["holidays"])), tuple(events))


#: Nothing is set.
NO_CALENDAR = Calendar()
