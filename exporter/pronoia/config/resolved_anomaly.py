"""What each watch comes to, once presets, queries and the defaults of `anomaly` are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pronoia.config.preset import load_preset, preset_names
from pronoia.config.resolved import presets_in_use, resolve
from pronoia.config.schema.anomaly import WatchedSeries, WatchedSystem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pronoia.config.resolved import ResolvedQuery
    from pronoia.config.schema.settings import Settings


@dataclass(frozen=True, slots=True)
class WatchedQuery:
    """One query of a watch: name, PromQL, and the upstream that answers it.

    Args:
        has_values: it keeps a sample for each step of the watch, and reads new ones as often as these are looked at.
        minimum: smallest possible value, or None.
        maximum: largest possible value, or None.
    """

    name: str
    expr: str
    upstream: str
    has_values: bool
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class ResolvedWatch:
    """One watch with nothing left open; plain values for the layers below.

    Args:
        kind: `query`, whose series are watched one by one, or `system`.
        name: value of the label of that name.
        queries: what is read; one of a query.
        by: labels that name a system; empty for a query.
        siblings: labels that siblings have in common; empty where they are not compared.
        detector: what scores.
        false_alarms_per_day: of each series or system.
        direction: `both`, `high` or `low`.
        direction_on_holidays: the same or `none`.
        min_absolute: least deviation that counts, in the query's unit.
        min_relative: the same as a share of what is expected.
        mute: selectors.
        timezone: IANA name of the clock whose days may be holidays.
        holidays: whose.
        step_seconds: distance of two values.
        history_seconds: how much of the past is read.
        warm_up_seconds: how much of it is needed.
        infer_every_seconds: time between rounds.
        max_age_seconds: age at which scores are withdrawn.
        fit_every_seconds: time between fits.
        top: metrics named as causes.
        max_metrics: most of one system.
        overlap_seconds: how far back each further read reaches again.
        origin: `anomaly.systems[0]`, `queries[2]` or `preset node-exporter`.
    """

    kind: str
    name: str
    queries: tuple[WatchedQuery, ...]
    by: tuple[str, ...]
    siblings: tuple[str, ...]
    detector: str
    false_alarms_per_day: float
    direction: str
    direction_on_holidays: str
    min_absolute: float
    min_relative: float
    mute: tuple[str, ...]
    timezone: str
    holidays: tuple[str, ...]
    step_seconds: int
    history_seconds: int
    warm_up_seconds: int
    infer_every_seconds: int
    max_age_seconds: int
    fit_every_seconds: int
    top: int
    max_metrics: int
    overlap_seconds: float
    origin: str


def watches_in_use(settings: Settings) -> Iterator[tuple[WatchedSeries | WatchedSystem, str]]:
    """All watches, and where each comes from.

    Those of the section first, then queries of the file that feed anomaly, then the presets' that are not replaced. A
    preset's system watches those of its queries that are known.
    """
    section = settings.anomaly
    if not section.enabled:
        return
    series, systems = {each.query for each in section.series}, {each.name for each in section.systems}
    for position, watched in enumerate(section.series):
        yield watched, f"anomaly.series[{position}]"
    for position, query in enumerate(settings.queries):
        if "anomaly" in query.feeds and query.name not in series:
            series.add(query.name)
            yield WatchedSeries(query=query.name), f"queries[{position}]"
    for position, system in enumerate(section.systems):
        yield system, f"anomaly.systems[{position}]"
    # A preset that does not exist is a problem of its own.
    for preset in (preset for preset in presets_in_use(settings) if preset in preset_names()):
        for system in load_preset(preset).anomaly.systems:
            if system.name not in systems | series:
                systems.add(system.name)
                yield system, f"preset {preset}"


def resolve_watches(settings: Settings) -> tuple[ResolvedWatch, ...]:
    """All watches; the settings must have passed the checks."""
    queries = {query.name: query for query in resolve(settings)}
    return tuple(_resolved(watch, origin, settings, queries) for watch, origin in watches_in_use(settings))


def _resolved(
    watch: WatchedSeries | WatchedSystem, origin: str, settings: Settings, queries: Mapping[str, ResolvedQuery]
) -> ResolvedWatch:
    def value(key: str) -> Any:
        own = getattr(watch, key)
        return getattr(settings.anomaly, key) if own is None else own

    section = settings.anomaly
    is_system = isinstance(watch, WatchedSystem)
    names = watch.queries if isinstance(watch, WatchedSystem) else (watch.query,)
    read = tuple(queries[name] for name in names)
    return ResolvedWatch(
        kind="system" if is_system else "query",
        name=watch.name if isinstance(watch, WatchedSystem) else watch.query,
        queries=tuple(
            WatchedQuery(
                query.name,
                query.expr,
                query.upstream,
                has_values=query.step_seconds <= section.step.whole_seconds
                and query.infer_every_seconds <= section.infer_every.whole_seconds,
                minimum=query.minimum,
                maximum=query.maximum,
            )
            for query in read
        ),
        by=watch.by if isinstance(watch, WatchedSystem) else (),
        siblings=watch.siblings if isinstance(watch, WatchedSeries) else (),
        detector=value("detector"),
        false_alarms_per_day=value("false_alarms_per_day"),
        direction=value("direction"),
        direction_on_holidays=value("direction_on_holidays") or value("direction"),
        min_absolute=value("min_absolute"),
        min_relative=value("min_relative"),
        mute=watch.mute,
        timezone=read[0].timezone,
        holidays=read[0].holidays,
        step_seconds=section.step.whole_seconds,
        history_seconds=section.history.whole_seconds,
        warm_up_seconds=section.warm_up.whole_seconds,
        infer_every_seconds=section.infer_every.whole_seconds,
        max_age_seconds=section.max_age.whole_seconds,
        fit_every_seconds=section.fit_every.whole_seconds,
        top=section.top,
        max_metrics=section.max_metrics,
        overlap_seconds=max(query.overlap_seconds for query in read),
        origin=origin,
    )
