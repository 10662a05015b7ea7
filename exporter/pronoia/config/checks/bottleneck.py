"""Resources refer to what exists, and their times fit each other and what the guide's section says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.checks.expressions import expression_problem
from pronoia.config.checks.finding import Finding
from pronoia.config.duration import format_duration, parse_duration
from pronoia.config.resolved_bottleneck import HORIZON_SLOTS, guide_predictor, queries_by_name, resources_by_name
from pronoia.config.resolved_features import feature_problems
from pronoia.config.suggestion import did_you_mean
from pronoia.models.classifiers.sequence_network import NETWORKS, has_torch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pronoia.config.schema.bottleneck import Resource
    from pronoia.config.schema.query import Query
    from pronoia.config.schema.settings import Settings

_WHERE = ("bottleneck", "resources")
_GUIDE = ("performance_predictor", "models", "bottleneck_predictor")
_MEMBERS = (("bottleneck", "members"),)
_USUAL_SLOT = parse_duration("5m")


def check_bottleneck(settings: Settings) -> Iterator[Finding]:
    """Problems of the section `bottleneck`, and of what the guide says of the same."""
    queries = queries_by_name(settings)
    names: list[str] = []
    for position, resource in enumerate(settings.bottleneck.resources):
        where = (*_WHERE, position)
        if resource.name in names:
            first = names.index(resource.name)
            problem = f"{resource.name!r} is the name of bottleneck.resources[{first}] already"
            yield Finding((*where, "name"), problem)
        names.append(resource.name)
        yield from _source(resource, where, settings, queries)
        for kind, name in resource.companions:
            if name is not None and name not in queries:
                problem = f"there is no query {name!r}{did_you_mean(name, queries)}"
                yield Finding((*where, "companions", kind), problem, (("queries",), ("presets",)))
    yield from _times(settings)
    yield from _blend(settings)
    yield from _guide(settings)
    if settings.feature_engineering is not None:
        slot_ms = settings.bottleneck.slot.milliseconds
        resources = resources_by_name(settings)
        for place, problem in feature_problems(settings.feature_engineering, queries, resources, slot_ms):
            yield Finding(("feature_engineering", *place), problem, (("queries",), ("presets",)))


def doubtful_bottleneck(settings: Settings, directory: Path) -> Iterator[Finding]:
    """What works, but is mostly not meant."""
    section = settings.bottleneck
    if section.slot != _USUAL_SLOT:
        day = format_duration(288 * section.slot.milliseconds)
        yield Finding(("bottleneck", "slot"), f"with slots of {section.slot} a day of the model lasts {day}")
    if section.model is not None and not (directory / section.model).is_file():
        yield Finding(("bottleneck", "model"), f"there is no file {directory / section.model}")


def _source(
    resource: Resource, where: tuple[str | int, ...], settings: Settings, queries: dict[str, Query]
) -> Iterator[Finding]:
    if resource.query is not None:
        query = queries.get(resource.query)
        if query is None:
            problem = f"there is no query {resource.query!r}{did_you_mean(resource.query, queries)}"
            yield Finding((*where, "query"), problem, (("queries",), ("presets",)))
        elif query.direction == "down":
            problem = f"{resource.query} is bad when it is low, and a utilisation is bad when it is high; give an expr"
            yield Finding((*where, "query"), problem, (("queries",),))
    elif resource.expr is not None and (wrong := expression_problem(resource.expr)):
        yield Finding((*where, "expr"), wrong)
    upstreams = [upstream.name for upstream in settings.upstreams]
    if resource.upstream is not None and resource.upstream not in upstreams:
        problem = f"there is no upstream {resource.upstream!r}{did_you_mean(resource.upstream, upstreams)}"
        yield Finding((*where, "upstream"), problem, (("upstreams", "*", "name"),))


def _times(settings: Settings) -> Iterator[Finding]:
    section = settings.bottleneck
    possible = _possible_horizons(settings)
    for position, horizon in enumerate(section.horizons or ()):
        if horizon.milliseconds not in possible:
            told = ", ".join(possible.values())
            problem = f"{horizon} is not possible: with slots of {section.slot}, one of {told} is"
            yield Finding(("bottleneck", "horizons", position), problem, (("bottleneck", "slot"),))
    for key, why in (
        ("max_age", "probabilities would be withdrawn before they are renewed"),
        ("fit_every", "models are not fitted more often than used"),
    ):
        if getattr(section, key) < section.infer_every:
            problem = f"{key} {getattr(section, key)} is shorter than infer_every {section.infer_every}: {why}"
            yield Finding(("bottleneck", key), problem, (("bottleneck", "infer_every"),))


def _blend(settings: Settings) -> Iterator[Finding]:
    members, weights = settings.bottleneck.members, settings.bottleneck.blend
    for position, name in enumerate(members if isinstance(members, tuple) else ()):
        if name in NETWORKS and not has_torch():
            problem = f"{name} needs the extra 'neural': pip install 'pronoia[neural]'; or write auto"
            yield Finding(("bottleneck", "members", position), problem)
    if isinstance(weights, tuple):
        place = ("bottleneck", "blend")
        if members == "auto":
            yield Finding(place, "weights belong to members that are listed, and members is auto", _MEMBERS)
        elif len(weights) != len(members):
            yield Finding(place, f"{len(weights)} weight(s) for {len(members)} member(s): as many are needed", _MEMBERS)


def _guide(settings: Settings) -> Iterator[Finding]:
    guide, section = guide_predictor(settings), settings.bottleneck
    if guide is None:
        return
    minutes = guide.prediction_horizon
    horizons = _possible_horizons(settings)
    if section.horizons is not None:
        horizons = {each.milliseconds: str(each) for each in section.horizons}
    if "prediction_horizon" in guide.model_fields_set and minutes * 60_000 not in horizons:
        problem = f"{minutes} minutes is not among the horizons of bottlenecks: {', '.join(horizons.values())}"
        yield Finding((*_GUIDE, "prediction_horizon"), problem, (("bottleneck",),))
    said = guide.confidence_threshold
    if "confidence_threshold" in guide.model_fields_set and said != section.alert_thresholds.critical:
        problem = f"{said:g}, but bottleneck.alert_thresholds.critical is {section.alert_thresholds.critical:g}"
        yield Finding((*_GUIDE, "confidence_threshold"), problem, (("bottleneck",),))
    is_other = "infer_every" in section.model_fields_set and guide.update_frequency != section.infer_every.seconds
    if "update_frequency" in guide.model_fields_set:
        if is_other:
            problem = f"{guide.update_frequency} seconds, but bottleneck.infer_every is {section.infer_every}"
            yield Finding((*_GUIDE, "update_frequency"), problem, (("bottleneck",),))
        elif guide.update_frequency > section.max_age.seconds:
            problem = f"{guide.update_frequency} seconds is longer than bottleneck.max_age {section.max_age}"
            yield Finding((*_GUIDE, "update_frequency"), problem, (("bottleneck",),))


def _possible_horizons(settings: Settings) -> dict[int, str]:
    slot_ms = settings.bottleneck.slot.milliseconds
    return {slots * slot_ms: format_duration(slots * slot_ms) for slots in HORIZON_SLOTS}
