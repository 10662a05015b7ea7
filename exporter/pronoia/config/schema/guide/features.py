"""`feature_engineering`: windows, aggregations and derived features."""

import ast
import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, model_validator

from pronoia.config.duration import Duration, parse_duration
from pronoia.config.schema.fields import Name, OneOrMore, Text, wrong
from pronoia.config.schema.section import Section

_WINDOW = re.compile(r"([0-9]{1,9})_(second|minute|hour|day|week)s?", re.ASCII)
_PERCENTILE = re.compile(r"percentile_(100|[1-9]?[0-9])", re.ASCII)
_AGGREGATIONS = ("mean", "min", "max", "median", "sum", "std", "last")

#: Functions a formula may call.
FORMULA_FUNCTIONS = ("sqrt", "log", "exp", "abs", "min", "max")
_FORMULA_NODES = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Load, ast.Constant,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.UAdd, ast.USub,
)  # fmt: skip


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
    if name not in _AGGREGATIONS and not _PERCENTILE.fullmatch(name):
        raise ValueError(f"must be one of {', '.join(_AGGREGATIONS)} or percentile_95 (0 to 100), got {name!r}")
    return name


def check_formula(formula: str) -> str:
    """Let a formula pass if it is arithmetic over metric names: `+ - * / ^`, brackets and a few functions.

    Raises:
        ValueError: if it is anything else; nothing of it is ever run as Python.

    >>> check_formula("sqrt(disk_read_iops^2 + disk_write_iops^2)")
    'sqrt(disk_read_iops^2 + disk_write_iops^2)'
    """
    if len(formula) > 500:
        raise ValueError("is longer than 500 characters")
    try:
        tree = ast.parse(formula.replace("^", "**"), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise wrong("is not arithmetic over metric names", formula) from None
    for node in ast.walk(tree):
        known = isinstance(node, _FORMULA_NODES)
        if isinstance(node, ast.Constant):
            known = type(node.value) in (int, float)
        if isinstance(node, ast.Call):
            known = isinstance(node.func, ast.Name) and node.func.id in FORMULA_FUNCTIONS and not node.keywords
        if not known:
            functions = ", ".join(FORMULA_FUNCTIONS)
            raise wrong(f"must be made of metric names, numbers, + - * / ^, brackets and {functions}", formula)
    return formula


Window = Annotated[Duration, PlainValidator(parse_window), PlainSerializer(str, return_type=str)]


class DerivedFeature(Section):
    """A feature computed from others."""

    type: Literal["linear_regression_slope", "percentage_change", "composite"]
    """How it is computed."""
    window: Window | None = None
    """Over which time; for slope and change."""
    formula: Annotated[Text, AfterValidator(check_formula)] | None = None
    """From which features; for composite."""

    @model_validator(mode="after")
    def _what_the_type_needs(self) -> Self:
        wanted, unwanted = ("formula", "window") if self.type == "composite" else ("window", "formula")
        if getattr(self, wanted) is None:
            raise ValueError(f"type {self.type} needs a {wanted}")
        if getattr(self, unwanted) is not None:
            raise ValueError(f"type {self.type} takes no {unwanted}")
        return self


class FeatureEngineering(Section):
    """What the learnt models see of the past."""

    time_windows: OneOrMore[Window] = tuple(
        parse_window(text) for text in ("5_minutes", "15_minutes", "1_hour", "4_hours")
    )
    """Spans that are summarised."""
    aggregations: OneOrMore[Annotated[Text, AfterValidator(_aggregation)]] = ("mean", "max", "std", "percentile_95")
    """How each window is summarised."""
    derived_features: dict[Name, DerivedFeature] = Field(default_factory=dict)
    """Further features, by name."""
