"""`failure`: what leads to which failure, and from which probability on it is told."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from pronoia.config.duration import parse_duration
from pronoia.config.schema.bottleneck import RiskLevels
from pronoia.config.schema.fields import Distinct, LabelName, Name, Number, OneOrMore, Span, Text
from pronoia.config.schema.section import Section

_USUAL_HORIZONS = ("15m", "1h", "4h", "24h")


class FailureSignal(Section):
    """One signal on its way to a limit, of each system (or device) that a query knows of."""

    elsewhere: ClassVar[dict[str, str]] = {"promql": "write expr", "threshold": "write limit"}

    name: Name
    """The value of the `signal` label, such as memory, bytes or inodes."""
    failure: Name
    """The failure that it leads to: oom, disk_full, network_timeout, or a name of one's own."""
    query: Name | None = None
    """The name of a query, of the file or of a preset, whose expression is the signal; or give expr."""
    expr: Text | None = None
    """PromQL of the signal, which grows towards the limit. Of memory, what cannot be reclaimed: the working set."""
    upstream: Name | None = None
    """With expr: name of the upstream to read; the first one if not given."""
    limit: Annotated[Number, Field(gt=0.0)] = 1.0
    """Where the failure is; in the signal's own unit."""
    entity: Distinct[LabelName] = ()
    """Labels that name the system, whose failures are joined to any; those of the query, or else cluster, namespace,
    pod and instance, if not given. job is one of them always."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.query is None) == (self.expr is None):
            raise ValueError("one of query and expr is needed")
        if self.query is not None and self.upstream is not None:
            raise ValueError("upstream goes with expr; a query names its own")
        return self


class FailureCondition(Section):
    """What says that a failure has happened: it is learnt from, and foretold."""

    elsewhere: ClassVar[dict[str, str]] = {"promql": "write expr", "query": "write expr", "name": "write failure"}

    failure: Name
    """The failure that has happened: that of some signals, or one of its own, foretold from when it happened before."""
    expr: Text
    """PromQL that has a value, whichever, while it happens, as in an alerting rule: up == 0."""
    upstream: Name | None = None
    """Name of the upstream to read; the first one if not given."""
    history: Span = parse_duration("14d")
    """How much of the past is looked at."""


class FailureSources(Section):
    """What leads to failures, and what says that one has happened; presets bring some."""

    signals: tuple[FailureSignal, ...] = ()
    """What is watched. Several signals may lead to the same failure: bytes and inodes fill the same disk."""
    conditions: tuple[FailureCondition, ...] = ()
    """What says that a failure has happened, besides its signals at their limits."""


class LearntAlerts(Section):
    """The user's own alerts, whose firings are learnt from Prometheus' own history of them."""

    enabled: bool = False
    """Whether they are read and foretold."""
    upstream: Name | None = None
    """Name of the upstream that evaluates the alerts; the first one if not given."""
    history: Span = parse_duration("14d")
    """How much of the past is read."""


class Failure(FailureSources):
    """What will break, and when."""

    elsewhere: ClassVar[dict[str, str]] = {"time_horizons": "write horizons: [15m, 1h]"}

    enabled: bool = True
    """False answers nothing about failures."""
    learnt_alerts: LearntAlerts = LearntAlerts()
    """The user's own alerts, foretold as well."""
    horizons: OneOrMore[Span] = Field(
        default=tuple(parse_duration(each) for each in _USUAL_HORIZONS), max_length=4, validate_default=False
    )
    """How far ahead probabilities are told; each looks back four times as far, as far as history goes."""
    history: Span = parse_duration("1d")
    """How much of the past is read."""
    step: Span = parse_duration("1m")
    """Distance of the samples that are kept of the older part."""
    infer_every: Span = parse_duration("30s")
    """How often probabilities are made anew."""
    fit_every: Span = parse_duration("6h")
    """How often failures that happened are learnt from."""
    max_age: Span = parse_duration("10m")
    """Probabilities older than this are withdrawn, not repeated."""
    alert_thresholds: RiskLevels = RiskLevels()
    """Probabilities from which each level speaks. The lowest is also where causes are told."""
