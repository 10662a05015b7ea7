"""`events`: what is known beforehand to move metrics."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, PlainSerializer, PlainValidator

from pronoia.config.schema.fields import Distinct, LabelName, Name, OneOrMore, Span, Text, wrong
from pronoia.config.schema.section import Section


def _instant(value: Any) -> datetime:
    wanted = "must be a date or a time such as 2026-11-27 or 2026-11-27T06:00+01:00"
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise wrong(wanted, value)
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        raise wrong(wanted, value) from None


def _one_or_several(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


#: A date or time as ISO 8601; without an offset it is that of forecast.timezone.
Instant = Annotated[
    datetime, PlainValidator(_instant), PlainSerializer(lambda instant: instant.isoformat(), return_type=str)
]


class Event(Section):
    """An event, with the times when it takes place, or with a query that says when it does."""

    elsewhere: ClassVar[dict[str, str]] = {
        "starts": "write start: [...]",
        "expr": "write query",
        "on": "write same_labels",
        "recurrence": "write every: weekly",
    }

    name: Name
    """The value of the `event` label."""
    start: Annotated[OneOrMore[Instant], BeforeValidator(_one_or_several)] | None = None
    """When it begins, or a list of such times; times without an offset are those of forecast.timezone."""
    end: Instant | None = None
    """When it ends; not together with several starts."""
    duration: Span | None = None
    """How long it lasts, instead of an end. With a query: how long its effect lasts from the moment it is on; without
    it, as long as it has mostly been on."""
    every: Literal["weekly"] | None = None
    """weekly: again each week at the same local time, for ever."""
    query: Text | None = None
    """PromQL instead of times: the event is on where a series of it is not zero."""
    upstream: Name | None = None
    """Name of the upstream that answers the query; the first one if not given."""
    same_labels: Distinct[LabelName] = ()
    """With a query: labels on which its series and those that are forecast must agree. Without them the event
    concerns all."""
    queries: Distinct[Name] = ()
    """Names of the queries whose series it may move; all if not given."""
