"""`forecast`: how far, how often and how sure."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from pronoia.config.duration import Duration, parse_duration
from pronoia.config.schema.fields import AutoSpan, Distinct, Number, OneOrMore, Span, Text
from pronoia.config.schema.section import Section

#: Nominal coverage of an interval.
Level = Annotated[Number, Field(gt=0.0, lt=1.0)]

#: Those of the requirement: a quarter of an hour, an hour, four hours, a day.
DEFAULT_HORIZONS = tuple(parse_duration(text) for text in ("15m", "1h", "4h", "24h"))


def within(horizons: tuple[Duration, ...], horizon: Duration) -> tuple[Duration, ...]:
    """The horizons that a curve reaches; its end, if it reaches none of them.

    >>> [str(entry) for entry in within(DEFAULT_HORIZONS, parse_duration("2h"))]
    ['15m', '1h']
    """
    return tuple(entry for entry in horizons if entry <= horizon) or (horizon,)


class Forecast(Section):
    """Settings of all forecasts; each query may have its own."""

    horizon: Span = parse_duration("24h")
    """How far the forecast's curve reaches."""
    horizons: OneOrMore[Span] = Field(default=DEFAULT_HORIZONS, max_length=20)
    """How far ahead the values lie that are exposed as gauges; each costs three series per forecast series.
    Those of the default that lie beyond the horizon are left out."""
    history: Span = parse_duration("14d")
    """How much of the past is read and learnt from. Two weeks show a weekly pattern twice."""
    step: AutoSpan = "auto"
    """Distance of the curve's points. auto: about 288 points per horizon, a minute or more (24h: 5m)."""
    fit_every: Span = parse_duration("1h")
    """How often models are chosen and fitted anew (costly)."""
    infer_every: Span = parse_duration("1m")
    """How often new samples are read and move the forecast (cheap)."""
    max_age: Span = parse_duration("10m")
    """A forecast older than this is withdrawn, not repeated."""
    level: Number = Field(default=0.95, gt=0.0, lt=1.0)
    """Share of the truth that lies between lower and upper bound."""
    bands: Distinct[Level] = Field(default=(), max_length=10)
    """Further levels whose bounds are exposed as well; each costs two series per forecast series and horizon."""
    model: Text = "auto"
    """auto: the best of several by backtest, for each series; or a model's name."""
    timezone: Text = "UTC"
    """The clock that people behind the metrics follow, an IANA name such as Europe/Berlin; UTC has no daylight saving
    time."""
    holidays: Distinct[Text] = ()
    """Whose public holidays are days of rest: countries or parts of them, such as [DE, US-CA]. Needs
    pronoia[calendar]."""

    @model_validator(mode="before")
    @classmethod
    def _default_horizons_within_the_horizon(cls, value: Any) -> Any:
        if (
            not isinstance(value, dict)
            or value.get("horizons") is not None
            or not isinstance(value.get("horizon"), str)
        ):
            return value
        try:
            return {**value, "horizons": within(DEFAULT_HORIZONS, parse_duration(value["horizon"]))}
        except ValueError:
            # Told when the field itself is read.
            return value


class ForecastOverrides(Section):
    """The same keys, none of them given: what a query does not say is taken from `forecast`."""

    horizon: Span | None = None
    """Instead of forecast.horizon. Inherited horizons that lie beyond it are left out."""
    horizons: OneOrMore[Span] | None = Field(default=None, max_length=20)
    """Instead of forecast.horizons."""
    history: Span | None = None
    """Instead of forecast.history."""
    step: AutoSpan | None = None
    """Instead of forecast.step."""
    fit_every: Span | None = None
    """Instead of forecast.fit_every."""
    infer_every: Span | None = None
    """Instead of forecast.infer_every."""
    max_age: Span | None = None
    """Instead of forecast.max_age."""
    level: Number | None = Field(default=None, gt=0.0, lt=1.0)
    """Instead of forecast.level."""
    bands: Distinct[Level] | None = Field(default=None, max_length=10)
    """Instead of forecast.bands. An inherited one that is the query's own level is left out."""
    model: Text | None = None
    """Instead of forecast.model."""
    timezone: Text | None = None
    """Instead of forecast.timezone."""
    holidays: Distinct[Text] | None = None
    """Instead of forecast.holidays; [] for none."""
