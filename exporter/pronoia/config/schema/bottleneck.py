"""`bottleneck`: which resources may run out, and when they count as overloaded."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from pronoia.config.duration import parse_duration
from pronoia.config.schema.blend import Blend, Members
from pronoia.config.schema.fields import AutoSpan, Distinct, LabelName, Name, Number, OneOrMore, Ratio, Span, Text
from pronoia.config.schema.section import Section


class Companions(Section):
    """Other metrics of the same system, by the names of their queries; they help where the model knows of them."""

    other_ratio: Name | None = None
    """The utilisation of another resource, 0 to 1."""
    disk_read: Name | None = None
    """Bytes read from disks, per second."""
    disk_write: Name | None = None
    """Bytes written to disks, per second."""
    network_receive: Name | None = None
    """Bytes received, per second."""
    network_transmit: Name | None = None
    """Bytes sent, per second."""


class Resource(Section):
    """One resource of each system (or device) that a query knows of."""

    elsewhere: ClassVar[dict[str, str]] = {
        "promql": "write expr",
        "thresholds": "write threshold: 0.9; a resource has one",
        "for": "write hold",
    }

    name: Name
    """The value of the `resource` label, such as cpu, memory, disk_io, network or disk_space."""
    query: Name | None = None
    """The name of a query, of the file or of a preset, whose values are the utilisation; or give expr."""
    expr: Text | None = None
    """PromQL of the utilisation, instead of a query: it is read for itself and not forecast."""
    upstream: Name | None = None
    """With expr: name of the upstream to read; the first one if not given."""
    threshold: Annotated[Number, Field(gt=0.0)] = 0.9
    """At and above it, the resource is overloaded; in the query's own unit."""
    hold: AutoSpan = "auto"
    """How long it must be there to count. auto: one slot."""
    clean: AutoSpan = "auto"
    """How long it must have been below before a new overload counts. auto: six slots."""
    entity: Distinct[LabelName] = ()
    """Labels that name the system, by which companions are found; those of the query if not given."""
    companions: Companions = Companions()
    """Other metrics of the same system."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.query is None) == (self.expr is None):
            raise ValueError("one of query and expr is needed")
        if self.query is not None and self.upstream is not None:
            raise ValueError("upstream goes with expr; a query names its own")
        return self


class RiskLevels(Section):
    """Probabilities from which each level speaks."""

    warning: Ratio = 0.6
    """The lowest level."""
    critical: Ratio = 0.8
    """Above warning."""
    emergency: Ratio = 0.95
    """Above critical."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.warning < self.critical < self.emergency:
            got = f"{self.warning:g}, {self.critical:g} and {self.emergency:g}"
            raise ValueError(f"warning < critical < emergency is needed, got {got}")
        return self


class Bottleneck(Section):
    """Which resource runs out, and when."""

    elsewhere: ClassVar[dict[str, str]] = {
        "threshold": "it belongs to each of resources",
        "prediction_horizon": "write horizons: [30m]",
        "confidence_threshold": "write alert_thresholds: {critical: ...}",
        "update_frequency": "write infer_every",
    }

    enabled: bool = True
    """False answers nothing about bottlenecks, whatever presets say."""
    resources: tuple[Resource, ...] = ()
    """Resources besides those of the presets. One of the same name replaces a preset's."""
    slot: Span = parse_duration("5m")
    """The unit of time of all that is looked at. The model takes 288 of them for a day: other than 5m is compressed
    time, for tests and demonstrations."""
    horizons: OneOrMore[Span] | None = Field(default=None, max_length=4)
    """How far ahead probabilities are told: some of 3, 6, 12 and 48 slots, which are 15m, 30m, 1h and 4h. All of
    them if not given."""
    history: Span = parse_duration("14d")
    """How much of the past is read of a resource that has an expr; one with a query has the query's."""
    infer_every: Span = parse_duration("1m")
    """How often probabilities are made anew."""
    max_age: Span = parse_duration("10m")
    """Probabilities older than this are withdrawn, not repeated."""
    fit_every: Span = parse_duration("1d")
    """How often models of the upstream's own history are fitted."""
    members: Members = "auto"
    """What those are made of: trees, then any of lstm, transformer (extra neural) and hazard. auto: trees and lstm, or
    without the extra trees alone."""
    blend: Blend = "auto"
    """Weights of the members, or fitted: to the history. auto: trees 0.7, the others the rest."""
    model: Text | None = None
    """File of a model to use instead of the one that comes with Pronoia."""
    alert_thresholds: RiskLevels = RiskLevels()
    """Probabilities from which each level speaks. The lowest is also where causes are told and alarms are counted."""
