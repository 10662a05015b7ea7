"""What each resource comes to, once presets, its query and the defaults of `bottleneck` are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.config.preset import load_preset, preset_names
from pronoia.config.resolved import presets_in_use, resolve
from pronoia.config.resolved_features import ResolvedFeatures, resolve_features

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pronoia.config.resolved import ResolvedQuery
    from pronoia.config.schema.bottleneck import Resource
    from pronoia.config.schema.guide.predictor import BottleneckPredictor
    from pronoia.config.schema.query import Query
    from pronoia.config.schema.settings import Settings

#: Slots ahead at which each horizon ends.
HORIZON_SLOTS = (3, 6, 12, 48)
_CLEAN_SLOTS = 6
_USUAL_MEMBERS = ("trees", "lstm")

#: The guide's groups of metrics, and the presets' resources that each stands for.
GUIDE_GROUPS = {
    "cpu_utilization": ("cpu", "container_cpu"),
    "memory_usage": ("memory", "container_memory"),
    "disk_io": ("disk_io", "disk_space", "volume_space"),
    "network_io": ("network",),
    "agent_metrics": ("queue",),
}


@dataclass(frozen=True, slots=True)
class ResolvedResource:
    """One resource with nothing left open; plain values for the layers below.

    Args:
        name: value of the `resource` label.
        query: name of the query whose values it takes; empty if it reads for itself.
        query_step_seconds: distance of the samples that the query keeps; 0 without a query.
        expr: PromQL of the utilisation.
        upstream: name of the upstream to read.
        threshold: where an overload begins, in the query's unit.
        hold_slots: how many slots in a row must be high to count.
        clean_slots: how many must have been below before a new overload counts.
        entity: labels that name the system.
        companions: kind and name of the query, of those given.
        slot_seconds: length of a slot.
        horizons_seconds: ascending.
        history_seconds: how much of the past is looked at.
        infer_every_seconds: time between predictions.
        max_age_seconds: age at which they are withdrawn.
        fit_every_seconds: time between fits of local models.
        warning: probability from which causes are told and alarms are counted.
        model: path of a model, relative to the configuration; empty for the one that is shipped.
        overlap_seconds: how far back each further read reaches again.
        origin: where it comes from: `bottleneck.resources[0]` or `preset node-exporter`.
        features: those that the configuration asks for.
        members: what is fitted to local history, trees first; networks only where torch is installed.
        blend: their weights; none gives trees 0.7 and the others the rest.
        is_blend_fitted: whether the weights are fitted as well.
    """

    name: str
    query: str
    query_step_seconds: int
    expr: str
    upstream: str
    threshold: float
    hold_slots: int
    clean_slots: int
    entity: tuple[str, ...]
    companions: tuple[tuple[str, str], ...]
    slot_seconds: int
    horizons_seconds: tuple[int, ...]
    history_seconds: int
    infer_every_seconds: int
    max_age_seconds: int
    fit_every_seconds: int
    warning: float
    model: str
    overlap_seconds: float
    origin: str
    features: ResolvedFeatures = ResolvedFeatures()  # noqa: RUF009 - frozen
    members: tuple[str, ...] = _USUAL_MEMBERS
    blend: tuple[float, ...] = ()
    is_blend_fitted: bool = False

    @property
    def reads_for_itself(self) -> bool:
        """Whether no query keeps what is needed: those with longer steps than slots would leave most slots empty."""
        return not self.query or self.query_step_seconds > self.slot_seconds


def guide_predictor(settings: Settings) -> BottleneckPredictor | None:
    """The guide's section on bottlenecks, if it is given."""
    return settings.performance_predictor.models.bottleneck_predictor if settings.performance_predictor else None


def resources_in_use(settings: Settings) -> Iterator[tuple[Resource, str]]:
    """All resources, and where each comes from: those of the file, then those of the presets that it does not replace.

    A preset's resource whose group the guide's `features` leave out is not in use.
    """
    if not settings.bottleneck.enabled:
        return
    names = {resource.name for resource in settings.bottleneck.resources}
    for position, resource in enumerate(settings.bottleneck.resources):
        yield resource, f"bottleneck.resources[{position}]"
    guide = guide_predictor(settings)
    unwanted = {
        name
        for group, resources in GUIDE_GROUPS.items()
        if guide is not None and group not in guide.features
        for name in resources
    }
    # One that does not exist is a problem of its own.
    for preset in (preset for preset in presets_in_use(settings) if preset in preset_names()):
        for resource in load_preset(preset).bottleneck.resources:
            if resource.name not in names | unwanted:
                names.add(resource.name)
                yield resource, f"preset {preset}"


def resolve_resources(settings: Settings) -> tuple[ResolvedResource, ...]:
    """All resources; the settings must have passed the checks."""
    queries = {query.name: query for query in resolve(settings)}
    features = resolve_features(
        settings.feature_engineering, queries_by_name(settings), resources_by_name(settings),
        settings.bottleneck.slot.milliseconds,
    )  # fmt: skip
    return tuple(
        _resolved(resource, origin, settings, queries, features) for resource, origin in resources_in_use(settings)
    )


def queries_by_name(settings: Settings) -> dict[str, Query]:
    """All queries as they are written: those of the file, and those of the presets that it does not replace."""
    found = {query.name: query for query in settings.queries}
    for preset in presets_in_use(settings):
        if preset in preset_names():
            found = {query.name: query for query in load_preset(preset).queries} | found
    return found


def resources_by_name(settings: Settings) -> dict[str, Resource]:
    """All resources as they are written."""
    return {resource.name: resource for resource, _ in resources_in_use(settings)}


def _resolved(
    resource: Resource,
    origin: str,
    settings: Settings,
    queries: Mapping[str, ResolvedQuery],
    features: ResolvedFeatures,
) -> ResolvedResource:
    section = settings.bottleneck
    slot = section.slot.whole_seconds
    query = queries.get(resource.query or "")
    upstream = query.upstream if query else resource.upstream or settings.upstreams[0].name
    horizons = section.horizons and sorted(each.whole_seconds for each in section.horizons)
    hold, clean = (
        default if span == "auto" else max(-(-span.whole_seconds // slot), 1)
        for span, default in ((resource.hold, 1), (resource.clean, _CLEAN_SLOTS))
    )
    guide = guide_predictor(settings)
    infer_every = section.infer_every.whole_seconds
    if guide is not None and "update_frequency" in guide.model_fields_set:
        infer_every = guide.update_frequency
    return ResolvedResource(
        name=resource.name,
        query=resource.query or "",
        query_step_seconds=query.step_seconds if query else 0,
        expr=query.expr if query else resource.expr or "",
        upstream=upstream,
        threshold=resource.threshold,
        hold_slots=hold,
        clean_slots=clean,
        entity=resource.entity or (query.entity if query else ()),
        companions=tuple((kind, name) for kind, name in resource.companions if name is not None and name in queries),
        slot_seconds=slot,
        horizons_seconds=tuple(horizons or (slots * slot for slots in HORIZON_SLOTS)),
        history_seconds=query.history_seconds if query else section.history.whole_seconds,
        infer_every_seconds=infer_every,
        max_age_seconds=section.max_age.whole_seconds,
        fit_every_seconds=section.fit_every.whole_seconds,
        warning=section.alert_thresholds.warning,
        model=section.model or "",
        overlap_seconds=next(each.overlap.seconds for each in settings.upstreams if each.name == upstream),
        origin=origin,
        features=features,
        members=_USUAL_MEMBERS if section.members == "auto" else section.members,
        blend=section.blend if isinstance(section.blend, tuple) else (),
        is_blend_fitted=section.blend == "fitted",
    )
