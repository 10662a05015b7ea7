"""`anomaly`: what is watched for the unusual, and how rare alarms have to be."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pronoia.config.duration import parse_duration
from pronoia.config.schema.fields import Count, Distinct, LabelName, Name, Number, OneOrMore, Span, Text
from pronoia.config.schema.section import Section

#: Which deviations count.
Direction = Literal["both", "high", "low"]
_Positive = Annotated[Number, Field(gt=0.0)]
_NotNegative = Annotated[Number, Field(ge=0.0)]

#: Keys of `anomaly` that each of `series` and `systems` may have for itself.
OF_EACH = ("detector", "false_alarms_per_day", "direction", "direction_on_holidays", "min_absolute", "min_relative")


class Watch(Section):
    """What each watch may say for itself; what it does not say is taken from `anomaly`."""

    detector: Name | None = None
    """What scores: ensemble, or one of those that `pronoia backtest anomaly --help` lists."""
    false_alarms_per_day: _Positive | None = None
    """How many false alarms a day are put up with, of each series or system."""
    direction: Direction | None = None
    """Which deviations count: high, low or both."""
    direction_on_holidays: Direction | Literal["none"] | None = None
    """The same on the public holidays of the query (forecast.holidays, or its own); none is quiet then."""
    min_absolute: _NotNegative | None = None
    """Least deviation from the expected value that counts, in the query's unit."""
    min_relative: _NotNegative | None = None
    """The same as a share of the expected value's size."""
    mute: Distinct[Text] = ()
    """Selectors of series or systems that are scored, and for which rules keep quiet: '{instance="db-1"}'."""


class WatchedSeries(Watch):
    """The series of one query, each for itself."""

    elsewhere: ClassVar[dict[str, str]] = {
        "expr": "give the expression to a query, and its name here",
        "name": "write query: the name of a query is the value of the label",
        "peers": "write siblings: [...], the names of labels",
    }

    query: Name
    """The name of a query, of the file or of a preset: the value of the `query` label."""
    siblings: Distinct[LabelName] = ()
    """Labels that siblings have in common, such as [job]: an instance that differs from the others is told as well.
    Three are needed; false_alarms_per_day is that of a group of siblings."""


class WatchedSystem(Watch):
    """Systems that several queries know of; all metrics of each are looked at together."""

    elsewhere: ClassVar[dict[str, str]] = {
        "entity": "write by: [...], the names of labels",
        "metrics": "write queries: [...]",
        "query": "write queries: [...]",
    }

    name: Name
    """The value of the `system` label."""
    by: OneOrMore[LabelName]
    """Labels that name a system, such as [instance] or [namespace, pod]. Further labels of a query tell its metrics
    apart."""
    queries: OneOrMore[Name]
    """Names of queries whose series are its metrics."""


class Anomaly(Section):
    """What is unusual now."""

    elsewhere: ClassVar[dict[str, str]] = {
        "threshold": "the line is where false_alarms_per_day puts it; a score of 1",
        "sensitivity": "write false_alarms_per_day",
        "contamination": "write false_alarms_per_day",
        "timezone": "it belongs to forecast, or to the query",
        "holidays": "they belong to forecast, or to the query; write direction_on_holidays",
    }

    enabled: bool = True
    """False watches nothing, whatever presets say."""
    series: tuple[WatchedSeries, ...] = ()
    """Queries whose series are watched one by one, besides those of the file that feed anomaly."""
    systems: tuple[WatchedSystem, ...] = ()
    """Systems besides those of the presets. One of the same name replaces a preset's."""
    detector: Name = "ensemble"
    """What scores."""
    false_alarms_per_day: _Positive = 0.1
    """How many false alarms a day are put up with, of each series or system: 0.1 is one in ten days."""
    direction: Direction = "both"
    """Which deviations count."""
    direction_on_holidays: Direction | Literal["none"] | None = None
    """The same on public holidays; as on other days if not given."""
    min_absolute: _NotNegative = 0.0
    """Least deviation from the expected value that counts."""
    min_relative: _NotNegative = 0.0
    """The same as a share of the expected value's size."""
    step: Span = parse_duration("1m")
    """Distance of the values that are scored."""
    history: Span = parse_duration("7d")
    """How much of the past is read and learnt from."""
    warm_up: Span = parse_duration("1d")
    """How much of it a series or a system must have before anything is said of it."""
    infer_every: Span = parse_duration("1m")
    """How often new values are scored."""
    max_age: Span = parse_duration("10m")
    """Scores older than this are withdrawn, not repeated."""
    fit_every: Span = parse_duration("1d")
    """How often what is usual is learnt anew."""
    top: Count = 3
    """How many metrics of a system are named as causes."""
    max_metrics: Count = 200
    """Most metrics of one system, and siblings of one group; further ones are left out."""
