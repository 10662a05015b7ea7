"""`queries`: what is forecast."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, model_validator

from pronoia.config.schema.fields import Distinct, LabelName, Name, Number, OneOrMore, Text
from pronoia.config.schema.forecast import ForecastOverrides

#: The questions that a query's values help to answer.
Stem = Literal["forecast", "anomaly", "bottleneck", "failure", "rightsizing"]

_UNIT = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)

#: Physical limits that a unit implies, unless the query gives its own: (minimum, maximum).
UNIT_LIMITS: dict[str, tuple[float | None, float | None]] = {
    "ratio": (0.0, 1.0),
    "bytes": (0.0, None),
    "bytes_per_second": (0.0, None),
    "seconds": (0.0, None),
    "cores": (0.0, None),
    "requests_per_second": (0.0, None),
}


def _with_forecast(stems: tuple[Stem, ...]) -> tuple[Stem, ...]:
    if "forecast" not in stems:
        raise ValueError("must include forecast: what is read is forecast as well")
    return stems


def _unit(text: str) -> str:
    if not _UNIT.fullmatch(text):
        raise ValueError(f"must be lower-case words joined by _, such as ratio or bytes_per_second, got {text!r}")
    return text


class Query(ForecastOverrides):
    """One PromQL expression; each series it gives is forecast."""

    elsewhere: ClassVar[dict[str, str]] = {
        "query": "write expr",
        "promql": "write expr",
        "threshold": "write thresholds: [...]",
        "min": "write minimum",
        "max": "write maximum",
        "entities": "write entity: [...], the names of labels",
        "stems": "write feeds: [...]",
    }

    name: Name
    """The value of the `query` label of its forecasts."""
    expr: Text
    """PromQL. Evaluated by Pronoia over what remote-read gives; the little that it does not evaluate is left to the
    upstream, and `pronoia check` tells which and why."""
    upstream: Name | None = None
    """Name of the upstream to read; the first one if not given."""
    unit: Annotated[Text, AfterValidator(_unit)] | None = None
    """Of the values: ratio, bytes, bytes_per_second, seconds, ... Shown, and some imply minimum and maximum."""
    minimum: Number | None = None
    """Smallest possible value: no forecast and no bound goes below. ratio, bytes and seconds imply 0."""
    maximum: Number | None = None
    """Largest possible value. ratio implies 1."""
    thresholds: Distinct[Number] = ()
    """Values to which the time is told until the forecast reaches them."""
    direction: Literal["up", "down"] = "up"
    """Which side of a threshold is bad: up, at or above it (a filling disk); down, at or below it (free bytes)."""
    entity: Distinct[LabelName] = ()
    """Labels that name the system a series belongs to, such as [instance] or [namespace, pod]. One it lacks is
    left out. Carried for the questions to come; forecasts do not need it."""
    feeds: Annotated[OneOrMore[Stem], AfterValidator(_with_forecast)] = ("forecast",)
    """Questions that its values help to answer: forecast, anomaly, bottleneck, failure, rightsizing. The series of a
    query of the file that feeds anomaly are watched; what runs out and what breaks has sections of its own."""

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """Minimum and maximum, given or implied by the unit."""
        minimum, maximum = UNIT_LIMITS.get(self.unit or "", (None, None))
        return (
            minimum if self.minimum is None else self.minimum,
            maximum if self.maximum is None else self.maximum,
        )

    @model_validator(mode="after")
    def _limits_and_thresholds(self) -> Self:
        minimum, maximum = self.limits
        if minimum is not None and maximum is not None and minimum >= maximum:
            raise ValueError(f"minimum {minimum:g} is not below maximum {maximum:g}")
        for threshold in self.thresholds:
            if (minimum is not None and threshold < minimum) or (maximum is not None and threshold > maximum):
                low = "-inf" if minimum is None else f"{minimum:g}"
                high = "inf" if maximum is None else f"{maximum:g}"
                raise ValueError(f"threshold {threshold:g} lies outside the possible values, {low} to {high}")
        return self
