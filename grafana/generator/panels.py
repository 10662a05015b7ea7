"""Panels, each with a title, a sentence that says what it shows, a unit, and queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from frame import DATASOURCE
from grafana_foundation_sdk.builders import common as common_build
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus, stat, statetimeline, table, text, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

if TYPE_CHECKING:
    from grafana_foundation_sdk.cog.builder import Builder

    Panel = Builder[model.Panel]

#: Grafana's names of units, by those of the metric catalogue.
UNITS = {"seconds": "s", "bytes": "bytes", "ratio": "percentunit", "timestamp": "dateTimeFromNow", "": "short"}
ACTUAL, FORECAST, BAND, LIMIT = "green", "blue", "super-light-blue", "red"


@dataclass(frozen=True)
class Query:
    """An expression and what its series are called.

    Args:
        expr: PromQL.
        legend: may hold `{{label}}`; what a band joins must be the same for all series.
    """

    expr: str
    legend: str = ""


def lines(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    limit: Query | None = None,
    width: int = 12,
    height: int = 8,
) -> Panel:
    """Values over time, and the limit to hold them against if there is one."""
    panel = _described(timeseries.Panel(), title, description, width, height).unit(UNITS[unit])
    panel = panel.legend(_legend()).tooltip(_tooltip()).fill_opacity(0).line_width(1)
    panel = panel.show_points(common.VisibilityMode.NEVER).span_nulls(False)
    if unit == "ratio":
        panel = panel.axis_soft_max(1.0)
    if limit is not None:
        queries = (*queries, limit)
        panel = panel.override_by_name(limit.legend, [_colour(LIMIT), _dash(10, 10)])
    return _targets(panel, queries)


def band(title: str, description: str, actual: Query, parts: dict[str, Query], *, width: int = 24) -> Panel:
    """What was, what is foretold with its interval, and the limits.

    Args:
        title: of the panel.
        description: says what the band covers.
        actual: what was observed.
        parts: `forecast`, `lower`, `upper`, perhaps `limit`.
        width: of 24.
    """
    panel = _described(timeseries.Panel(), title, description, width, 12).unit("short")
    panel = panel.legend(_legend()).tooltip(_tooltip()).line_width(1).fill_opacity(0)
    panel = panel.show_points(common.VisibilityMode.NEVER).span_nulls(3_600_000.0)
    queries = [Query(parts[name].expr, name) for name in ("lower", "upper", "forecast", "limit") if name in parts]
    panel = _targets(panel, [*queries, Query(actual.expr, "actual {{instance}}")])
    hidden = _property("custom.hideFrom", {"legend": True, "tooltip": False, "viz": False})
    edge = [_colour(BAND), _property("custom.lineWidth", 0.1), hidden]
    fill = [_property("custom.fillBelowTo", "lower"), _property("custom.fillOpacity", 15)]
    panel = panel.override_by_name("lower", edge).override_by_name("upper", [*edge, *fill])
    panel = panel.override_by_name("forecast", [_colour(FORECAST), _dash(4, 4)])
    panel = panel.override_by_name("limit", [_colour(LIMIT), _dash(10, 10)])
    return panel.override_by_regexp("/^actual/", [_colour(ACTUAL)])


def number(
    title: str, description: str, unit: str, query: Query, *, limits: tuple[float, ...] = (), width: int = 4
) -> Panel:
    """One number as of now, whatever the dashboard's range; from each limit on it is orange, then red."""
    panel = _described(stat.Panel(), title, description, width, 4).unit(UNITS[unit]).time_from("1h")
    steps = [model.Threshold(value=None, color="green" if limits else "text")]
    steps += [
        model.Threshold(value=limit, color=colour) for limit, colour in zip(limits, ("orange", "red"), strict=False)
    ]
    panel = panel.thresholds(build.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps))
    panel = panel.graph_mode(common.BigValueGraphMode.NONE).color_mode(common.BigValueColorMode.VALUE)
    return _targets(panel, [query], is_instant=True)


def rows(
    title: str,
    description: str,
    columns: dict[str, tuple[str, str]],
    *,
    hidden: tuple[str, ...] = (),
    sort: str = "",
    width: int = 24,
    height: int = 8,
) -> Panel:
    """A table with a row for each series, as of now.

    Args:
        title: of the panel.
        description: of the panel.
        columns: heading, and the unit and expression of its values; series with the same labels share a row.
        hidden: labels that are not shown.
        sort: heading to sort by, the highest first.
        width: of 24.
        height: in Grafana's units.
    """
    panel = _described(table.Panel(), title, description, width, height).time_from("1h")
    queries = [Query(expr) for _, expr in columns.values()]
    panel = _targets(panel, queries, is_instant=True, is_table=True)
    ids = [chr(ord("A") + i) for i in range(len(columns))]
    values = ["Value" if len(ids) == 1 else f"Value #{each}" for each in ids]
    if len(ids) > 1:
        panel = panel.with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
    excluded = dict.fromkeys(("Time", "__name__", "job", *hidden), True)
    options = {"excludeByName": excluded, "renameByName": dict(zip(values, columns, strict=True))}
    panel = panel.with_transformation(model.DataTransformerConfig(id_val="organize", options=options))
    for heading, (unit, _) in columns.items():
        panel = panel.override_by_name(heading, [_property("unit", UNITS[unit])])
    if sort:
        panel = panel.sort_by([common_build.TableSortByFieldState().display_name(sort).desc(True)])
    return panel


def states(title: str, description: str, query: Query, *, width: int = 24, height: int = 8) -> Panel:
    """Where something was so, over time."""
    panel = _described(statetimeline.Panel(), title, description, width, height).unit("short")
    return _targets(panel.show_value(common.VisibilityMode.NEVER), [query])


def words(title: str, description: str, markdown: str, *, width: int = 24, height: int = 6) -> Panel:
    """Text to read."""
    return _described(text.Panel(), title, description, width, height).content(markdown)


def _described(panel: Panel, title: str, description: str, width: int, height: int) -> Panel:
    return panel.title(title).description(description).datasource(DATASOURCE).span(width).height(height)


def _targets(panel: Panel, queries: object, *, is_instant: bool = False, is_table: bool = False) -> Panel:
    for i, query in enumerate(queries):
        target = prometheus.Dataquery().expr(query.expr).ref_id(chr(ord("A") + i)).datasource(DATASOURCE)
        target = target.legend_format(query.legend) if query.legend else target
        target = target.instant() if is_instant else target.range()
        if is_table:
            target = target.format("table")
        panel = panel.with_target(target)
    return panel


def _legend() -> common_build.VizLegendOptions:
    return (
        common_build.VizLegendOptions()
        .show_legend(True)
        .display_mode(common.LegendDisplayMode.LIST)
        .placement(common.LegendPlacement.BOTTOM)
    )


def _tooltip() -> common_build.VizTooltipOptions:
    return common_build.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING)


def _property(name: str, value: object) -> model.DynamicConfigValue:
    return model.DynamicConfigValue(id_val=name, value=value)


def _colour(name: str) -> model.DynamicConfigValue:
    return _property("color", {"mode": "fixed", "fixedColor": name})


def _dash(on: int, off: int) -> model.DynamicConfigValue:
    return _property("custom.lineStyle", {"fill": "dash", "dash": [on, off]})
