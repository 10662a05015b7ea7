"""What all dashboards share: data source, variables, links, annotations, and where panels stand."""

from __future__ import annotations

from dataclasses import dataclass, field

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

TAG = "pronoia"
WIDTH = 24
#: Of every panel, target, variable and annotation: a variable, which import by hand and provisioning both resolve.
DATASOURCE = common.DataSourceRef(type_val="prometheus", uid="${datasource}")


@dataclass(frozen=True)
class Variable:
    """A label to choose by.

    Args:
        name: of the variable.
        query: a selector or expression whose series have the label.
        label: of those; the variable's name if empty.
        is_multi: whether several can be chosen, and all are at first.
        is_hidden: whether it is only there to be used in queries.
    """

    name: str
    query: str
    label: str = ""
    is_multi: bool = True
    is_hidden: bool = False


@dataclass(frozen=True)
class Annotation:
    """A mark on all panels.

    Args:
        name: as it can be switched on and off.
        expr: marks where it has samples.
        title: may hold `{{label}}`.
        colour: of the mark.
        is_time: whether the value is the instant to mark, in milliseconds, which may lie in the future.
    """

    name: str
    expr: str
    title: str
    colour: str
    is_time: bool = False


@dataclass(frozen=True)
class Frame:
    """A dashboard without its panels.

    Args:
        stem: names the file and the uid, which never changes.
        title: after "Pronoia / ".
        description: one sentence.
        variables: besides the data source.
        annotations: marks on all panels.
        span: from and to.
    """

    stem: str
    title: str
    description: str
    variables: tuple[Variable, ...]
    annotations: tuple[Annotation, ...] = ()
    span: tuple[str, str] = ("now-24h", "now")
    rows: list[tuple[str, list[build.Panel]]] = field(default_factory=list)

    def row(self, title: str, *panels: build.Panel) -> None:
        """Add panels, each with its width and height, under a heading (none if empty)."""
        self.rows.append((title, list(panels)))

    def to_json(self) -> str:
        """The dashboard as it is committed."""
        board = (
            build.Dashboard(f"Pronoia / {self.title}")
            .uid(f"pronoia-{self.stem}")
            .description(self.description)
            .tags([TAG, self.stem])
            .timezone("browser")
            .refresh("1m")
            .time(*self.span)
            .readonly()
            .tooltip(model.DashboardCursorSync.CROSSHAIR)
            .version(1)
            .link(
                build.DashboardLink("Pronoia")
                .type(model.DashboardLinkType.DASHBOARDS)
                .tags([TAG])
                .as_dropdown(True)
                .keep_time(True)
                .include_vars(True)
            )
            .with_variable(build.DatasourceVariable("datasource").label("Data source").type("prometheus"))
        )
        for variable in self.variables:
            board = board.with_variable(_variable(variable))
        for annotation in self.annotations:
            board = board.annotation(_annotation(annotation))
        for title, panels in self.rows:
            if title:
                board = board.with_row(build.Row(title))
            for panel in panels:
                board = board.with_panel(panel)
        return JSONEncoder(sort_keys=True, indent=2).encode(board.build()) + "\n"


def _variable(variable: Variable) -> build.QueryVariable:
    label = variable.label or variable.name
    built = (
        build.QueryVariable(variable.name)
        .label(variable.name)
        .datasource(DATASOURCE)
        .query(f"label_values({variable.query}, {label})")
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(variable.is_multi)
        .include_all(variable.is_multi)
    )
    if variable.is_multi:
        # Not ".+": what is aggregated over instances has no such label.
        built = built.all_value(".*").current(model.VariableOption(text="All", value="$__all", selected=True))
    if variable.is_hidden:
        built = built.hide(model.VariableHide.HIDE_VARIABLE)
    return built


def _annotation(annotation: Annotation) -> build.AnnotationQuery:
    return (
        build.AnnotationQuery()
        .name(annotation.name)
        .datasource(DATASOURCE)
        .enable(True)
        .icon_color(annotation.colour)
        .expr(annotation.expr)
        .title_format(annotation.title)
        .use_value_for_time(annotation.is_time)
    )
