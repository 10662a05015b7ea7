"""Watches have names of their own, detectors and queries that exist, selectors that can be read, times that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.checks.finding import Finding
from pronoia.config.document import show_path
from pronoia.config.preset import load_preset, preset_names
from pronoia.config.resolved import presets_in_use
from pronoia.config.suggestion import did_you_mean
from pronoia.errors import ConfigError, QueryError
from pronoia.models.anomaly.catalogue import make_detector
from pronoia.models.anomaly.model import MIN_HISTORY_STEPS
from pronoia.promql.selector import parse_selector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pronoia.config.document import Path
    from pronoia.config.schema.anomaly import Watch
    from pronoia.config.schema.settings import Settings


def check_anomaly(settings: Settings) -> Iterator[Finding]:
    """Problems of the section `anomaly`."""
    section = settings.anomaly
    yield from _detector(section.detector, ("anomaly",))
    known: dict[str, str] = {}
    for position, series in enumerate(section.series):
        where = ("anomaly", "series", position)
        yield from _name(series.query, (*where, "query"), known)
        yield from _watch(series, where)
        yield from _queries([((*where, "query"), series.query)], settings)
    for position, query in enumerate(settings.queries):
        if "anomaly" in query.feeds:
            known.setdefault(query.name, f"queries[{position}]")
    for position, system in enumerate(section.systems):
        where = ("anomaly", "systems", position)
        yield from _name(system.name, (*where, "name"), known)
        yield from _watch(system, where)
        named = [((*where, "queries", number), name) for number, name in enumerate(system.queries)]
        yield from _queries(named, settings)
    yield from _times(settings)


def _name(name: str, place: Path, known: dict[str, str]) -> Iterator[Finding]:
    """A name stands for one watch: it is what rules, mutes and listings go by."""
    first = known.setdefault(name, show_path(place[:-1]))
    if first != show_path(place[:-1]):
        yield Finding(place, f"{name!r} is watched already, {first}")


def _detector(name: str | None, where: Path) -> Iterator[Finding]:
    if name is None:
        return
    try:
        make_detector(name)
    except ConfigError as error:
        yield Finding((*where, "detector"), error.problems[0].problem)


def _watch(watch: Watch, where: Path) -> Iterator[Finding]:
    yield from _detector(watch.detector, where)
    for position, selector in enumerate(watch.mute):
        try:
            parse_selector(selector)
        except QueryError as error:
            yield Finding((*where, "mute", position), f"no selector, such as '{{instance=\"db-1\"}}': {error}")


def _queries(named: Sequence[tuple[Path, str]], settings: Settings) -> Iterator[Finding]:
    of_presets = (load_preset(name).queries for name in presets_in_use(settings) if name in preset_names())
    known = [query.name for queries in (settings.queries, *of_presets) for query in queries]
    for place, name in named:
        if name not in known:
            problem = f"there is no query {name!r}{did_you_mean(name, known)}"
            yield Finding(place, problem, (("queries",), ("presets",)))


def _times(settings: Settings) -> Iterator[Finding]:
    section = settings.anomaly
    least_seconds = MIN_HISTORY_STEPS * section.step.whole_seconds
    if section.warm_up.whole_seconds < least_seconds:
        problem = (
            f"{section.warm_up} holds fewer than {MIN_HISTORY_STEPS} steps of {section.step}: nothing can be learnt"
        )
        yield Finding(("anomaly", "warm_up"), problem, (("anomaly", "step"),))
    if section.history < section.warm_up:
        problem = f"{section.history} is shorter than warm_up {section.warm_up}: nothing would ever be said"
        yield Finding(("anomaly", "history"), problem, (("anomaly", "warm_up"),))
    if section.max_age < section.infer_every:
        problem = f"{section.max_age} is shorter than infer_every {section.infer_every}: nothing would stay on show"
        yield Finding(("anomaly", "max_age"), problem, (("anomaly", "infer_every"),))
