"""`feature_engineering`: windows, aggregations and derived features."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, model_validator

from pronoia.config.duration import Duration, parse_duration
from pronoia.config.schema.fields import Name, OneOrMore, Text, wrong
from pronoia.config.schema.section import Section
from pronoia.errors import ConfigError
from pronoia.features.configured import SUMMARIES
from pronoia.features.formula import parse_formula

_WINDOW = re.compile(r"([0-9]{1,9})_(second|minute|hour|day|week)s?", re.ASCII)
_PERCENTILE = re.compile(r"percentile_(100|[1-9]?[0-9])", re.ASCII)


def parse_window(value: Any) -> Duration:
    """A window as the guide writes it, or a Prometheus duration.

    Raises:
        ValueError: if it is neither, or not longer than nothing.

    >>> parse_window("15_minutes").seconds, parse_window("1_hour") == parse_window("1h")
    (900.0, True)
    """
    if isinstance(value, Duration):
        return value
    found = _WINDOW.fullmatch(value) if isinstance(value, str) else None
    try:
        window = parse_duration(f"{found[1]}{found[2][0]}" if found else str(value))
    except ValueError:
        raise wrong("must be a window such as 15_minutes, 1_hour or 5m", value) from None
    if window.milliseconds == 0:
        raise wrong("must be longer than nothing", value)
    return Duration(window.milliseconds, value)


def _aggregation(name: str) -> str:
    if name not in SUMMARIES and not _PERCENTILE.fullmatch(name):
        raise ValueError(f"must be one of {', '.join(SUMMARIES)} or percentile_95 (0 to 100), got {name!r}")
    return name


def check_formula(text: str) -> str:
    """Let a formula pass that `parse_formula` reads; nothing of it is ever run as Python.

    Raises:
        ValueError: if it is anything else.

    >>> check_formula("sqrt(disk_read_iops^2 + disk_write_iops^2)")
    'sqrt(disk_read_iops^2 + disk_write_iops^2)'
    """
    try:
        formula = parse_formula(text)
    except ConfigError as error:
        raise ValueError(error.problems[0].problem) from None
    if not formula.names:
        raise wrong("must name a metric", text)
    return text


Window = Annotated[Duration, PlainValidator(parse_window), PlainSerializer(str, return_type=str)]


class DerivedFeature(Section):
    """A feature computed from others."""

    type: Literal["linear_regression_slope", "percentage_change", "composite"]
    """How it is computed."""
    metric: Name | None = None
    """Of which query, for slope and change; if not given, that of the resource that the feature's name begins with, as
    cpu_trend begins with cpu."""
    window: Window | None = None
    """Over which time; for slope and change."""
    formula: Annotated[Text, AfterValidator(check_formula)] | None = None
    """From which queries, by their names; for composite."""

    @model_validator(mode="after")
    def _what_the_type_needs(self) -> Self:
        wanted, unwanted = ("formula", "window") if self.type == "composite" else ("window", "formula")
        if getattr(self, wanted) is None:
            raise ValueError(f"type {self.type} needs a {wanted}")
        if getattr(self, unwanted) is not None:
            raise ValueError(f"type {self.type} takes no {unwanted}")
        if self.metric is not None and self.type == "composite":
            raise ValueError("type composite takes no metric; its formula names them")
        return self


class FeatureEngineering(Section):
    """What models of the own history see of the past, besides what all models see."""

    time_windows: OneOrMore[Window] = tuple(
        parse_window(text) for text in ("5_minutes", "15_minutes", "1_hour", "4_hours")
    )
    """Spans that are summarised."""
    aggregations: OneOrMore[Annotated[Text, AfterValidator(_aggregation)]] = ("mean", "max", "std", "percentile_95")
    """How each window is summarised."""
    derived_features: dict[Name, DerivedFeature] = Field(default_factory=dict)
    """Further features, by name."""
