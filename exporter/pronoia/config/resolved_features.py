"""What `feature_engineering` comes to: queries to look at, and the features made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.config.suggestion import did_you_mean
from pronoia.features.configured import ConfiguredFeatures, Trend
from pronoia.features.formula import parse_formula
from pronoia.features.slots import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pronoia.config.schema.bottleneck import Resource
    from pronoia.config.schema.guide.features import DerivedFeature, FeatureEngineering
    from pronoia.config.schema.query import Query

#: What the guide's formulas call queries of the presets.
GUIDE_METRICS = {"disk_read_iops": "disk_reads", "disk_write_iops": "disk_writes"}


@dataclass(frozen=True, slots=True)
class ResolvedMetric:
    """A metric of each system that features are made of.

    Args:
        formula: over names.
        queries: those names, the query of each, and whether it is a ratio.
    """

    formula: str
    queries: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class ResolvedFeatures:
    """All that is asked for.

    Args:
        asked: the features.
        metrics: one for each of `asked.metrics`.
    """

    asked: ConfiguredFeatures = ConfiguredFeatures()  # noqa: RUF009 - frozen
    metrics: tuple[ResolvedMetric, ...] = ()


def resolve_features(
    section: FeatureEngineering | None, queries: Mapping[str, Query], resources: Mapping[str, Resource], slot_ms: int
) -> ResolvedFeatures:
    """The section's features; it must have passed `feature_problems`.

    Args:
        section: None asks for nothing.
        queries: by name, those of presets included.
        resources: likewise.
        slot_ms: length of a slot.
    """
    if section is None:
        return ResolvedFeatures()
    composites = {name: feature for name, feature in section.derived_features.items() if feature.formula}
    trends = {name: feature for name, feature in section.derived_features.items() if not feature.formula}
    metrics = {name: _metric(feature.formula or "", queries) for name, feature in composites.items()}
    followed = {name: metric_of(name, feature, resources) for name, feature in trends.items()}
    for query in followed.values():
        metrics.setdefault(query, ResolvedMetric(query, ((query, query, queries[query].unit == "ratio"),)))
    numbers = {name: number for number, name in enumerate(metrics, 1)}
    asked = ConfiguredFeatures(
        metrics=tuple(metrics),
        n_summarised=len(composites),
        windows=tuple((str(each), slots_of(each.milliseconds, slot_ms)) for each in section.time_windows),
        summaries=tuple(section.aggregations),
        trends=tuple(
            Trend(
                name,
                numbers[followed[name]],
                slots_of(feature.window.milliseconds, slot_ms) if feature.window else 1,
                is_slope=feature.type == "linear_regression_slope",
            )
            for name, feature in trends.items()
        ),
    )
    return ResolvedFeatures(asked, tuple(metrics.values()))


def feature_problems(
    section: FeatureEngineering, queries: Mapping[str, Query], resources: Mapping[str, Resource], slot_ms: int
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What names no query, or reaches back further than a day of slots, and where in the section."""
    for position, each in enumerate(section.time_windows):
        if slots_of(each.milliseconds, slot_ms) > DAY:
            yield ("time_windows", position), f"{each} is longer than {DAY} slots, the day of bottleneck.slot"
    for name, feature in section.derived_features.items():
        where = ("derived_features", name)
        if feature.window is not None and slots_of(feature.window.milliseconds, slot_ms) >= DAY:
            yield (*where, "window"), f"{feature.window} is not shorter than {DAY} slots, the day of bottleneck.slot"
        if feature.formula:
            if name in queries:
                yield where, f"{name} is the name of a query already"
            for metric in parse_formula(feature.formula).names:
                query = GUIDE_METRICS.get(metric, metric) if metric not in queries else metric
                if query not in queries:
                    yield (*where, "formula"), f"there is no query {query!r}{did_you_mean(query, queries)}"
        elif (query := metric_of(name, feature, resources)) not in queries:
            unknown = f"there is no query {query!r}{did_you_mean(query, queries)}"
            untold = f"what {name} is of cannot be told from its name; write metric, the name of a query"
            yield (*where, "metric"), unknown if query else untold


def metric_of(name: str, feature: DerivedFeature, resources: Mapping[str, Resource]) -> str:
    """The query that a slope or change is of; empty if it cannot be told."""
    if feature.metric is not None:
        return feature.metric
    resource = resources.get(name.split("_", maxsplit=1)[0])
    return (resource.query if resource else None) or ""


def slots_of(window_ms: int, slot_ms: int) -> int:
    """How many slots a window takes, at least one."""
    return max(-(-window_ms // slot_ms), 1)


def _metric(formula: str, queries: Mapping[str, Query]) -> ResolvedMetric:
    names = {name: name if name in queries else GUIDE_METRICS[name] for name in parse_formula(formula).names}
    return ResolvedMetric(
        formula, tuple((name, query, queries[query].unit == "ratio") for name, query in names.items())
    )
