"""What each query comes to, once presets, its own keys and the defaults of `forecast` are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pronoia.config.preset import load_preset
from pronoia.config.resolved_event import ResolvedEvent, resolve_events
from pronoia.config.schema.forecast import within
from pronoia.config.step import auto_step_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.duration import Duration
    from pronoia.config.schema.forecast import Forecast
    from pronoia.config.schema.query import Query, Stem
    from pronoia.config.schema.settings import Settings

#: The presets of a configuration that names neither presets nor queries.
DEFAULT_PRESETS = ("node-exporter",)


@dataclass(frozen=True, slots=True)
class ResolvedQuery:
    """One query with nothing left open; plain values for the layers below.

    Args:
        name: value of the `query` label.
        expr: PromQL.
        upstream: name of the upstream to read.
        unit: of the values; empty if not stated.
        minimum: smallest possible value, or None.
        maximum: largest possible value, or None.
        thresholds: ascending, inside minimum and maximum.
        direction: `up` if values at or above a threshold are bad, `down` if values at or below it are.
        horizon_seconds: how far the curve reaches; a multiple of the step.
        horizons_seconds: ascending, none beyond the horizon and none shorter than the step.
        history_seconds: how much of the past is read.
        step_seconds: distance of the grid's points.
        fit_every_seconds: time between fits.
        infer_every_seconds: time between predictions.
        max_age_seconds: age at which a forecast is withdrawn.
        level: nominal coverage of the interval, in (0, 1).
        model: `auto` or a model's name.
        origin: where it comes from: `queries[0]` or `preset node-exporter`.
        overlap_seconds: how far back each further read reaches again, from the upstream.
        entity: names of the labels that tell which system a series belongs to; empty if not stated.
        feeds: the questions that its values help to answer; `forecast` is among them.
        timezone: IANA name of the clock that people behind the values follow.
        holidays: whose public holidays count.
        events: known events that may move its series.
        bands: nominal coverages of further intervals, ascending, in (0, 1); `level` is not among them.
    """

    name: str
    expr: str
    upstream: str
    unit: str
    minimum: float | None
    maximum: float | None
    thresholds: tuple[float, ...]
    direction: Literal["up", "down"]
    horizon_seconds: int
    horizons_seconds: tuple[int, ...]
    history_seconds: int
    step_seconds: int
    fit_every_seconds: int
    infer_every_seconds: int
    max_age_seconds: int
    level: float
    model: str
    origin: str
    overlap_seconds: float = 300.0
    entity: tuple[str, ...] = ()
    feeds: tuple[Stem, ...] = ("forecast",)
    timezone: str = "UTC"
    holidays: tuple[str, ...] = ()
    events: tuple[ResolvedEvent, ...] = ()
    bands: tuple[float, ...] = ()


def merged(query: Query, forecast: Forecast, key: str) -> Any:
    """A forecast key of a query: its own value, else that of `forecast`, less what is inherited and does not fit.

    Horizons beyond the query's own, and a band of the query's own level, do not.
    """
    own = getattr(query, key)
    if own is not None:
        return own
    inherited = getattr(forecast, key)
    if key == "horizons":
        return within(inherited, merged(query, forecast, "horizon"))
    if key == "bands" and query.level is not None:
        return tuple(level for level in inherited if level != query.level)
    return inherited


def presets_in_use(settings: Settings) -> tuple[str, ...]:
    """The presets that are named, or the default ones where neither presets nor queries are given."""
    if settings.presets is not None:
        return settings.presets
    return () if settings.queries else DEFAULT_PRESETS


def resolve(settings: Settings) -> Iterator[ResolvedQuery]:
    """All queries: those of the file first, then those of the presets that the file does not replace.

    The settings must have passed the checks; a preset or step that cannot be is an error of those.
    """
    names = {query.name for query in settings.queries}
    for position, query in enumerate(settings.queries):
        yield _resolved(query, settings, f"queries[{position}]")
    for preset in presets_in_use(settings):
        for query in load_preset(preset).queries:
            if query.name not in names:
                names.add(query.name)
                yield _resolved(query, settings, f"preset {preset}")


def _resolved(query: Query, settings: Settings, origin: str) -> ResolvedQuery:
    def seconds(key: str) -> int:
        duration: Duration = merged(query, settings.forecast, key)
        return duration.whole_seconds

    horizons = tuple(sorted(entry.whole_seconds for entry in merged(query, settings.forecast, "horizons")))
    step = merged(query, settings.forecast, "step")
    minimum, maximum = query.limits
    by_name = {upstream.name: upstream for upstream in settings.upstreams}
    upstream = by_name[query.upstream or settings.upstreams[0].name]
    return ResolvedQuery(
        name=query.name,
        expr=query.expr,
        upstream=upstream.name,
        unit=query.unit or "",
        minimum=minimum,
        maximum=maximum,
        thresholds=tuple(sorted(query.thresholds)),
        direction=query.direction,
        horizon_seconds=seconds("horizon"),
        horizons_seconds=horizons,
        history_seconds=seconds("history"),
        step_seconds=step.whole_seconds if step != "auto" else auto_step_seconds(seconds("horizon"), horizons[0]),
        fit_every_seconds=seconds("fit_every"),
        infer_every_seconds=seconds("infer_every"),
        max_age_seconds=seconds("max_age"),
        level=merged(query, settings.forecast, "level"),
        model=merged(query, settings.forecast, "model"),
        origin=origin,
        overlap_seconds=upstream.overlap.seconds,
        entity=query.entity,
        feeds=query.feeds,
        timezone=merged(query, settings.forecast, "timezone"),
        holidays=merged(query, settings.forecast, "holidays"),
        events=resolve_events(settings, query.name),
        bands=tuple(sorted(merged(query, settings.forecast, "bands"))),
    )
