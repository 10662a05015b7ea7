"""Compiling: an expression becomes nodes to evaluate, and the raw samples they need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import promql_parser

from pronoia.errors import QueryError
from pronoia.promql.parse import parse
from pronoia.promql.plan import (
    Aggregate,
    Binary,
    Call,
    Kind,
    Matching,
    Negate,
    Number,
    Plan,
    Select,
    SelectRange,
    String,
    Subquery,
    Timing,
    Unsupported,
)
from pronoia.promql.reach import Reach
from pronoia.promql.selector import matchers_of
from pronoia.promql.semantics import Semantics
from pronoia.promql.supported import AGGREGATIONS, FUNCTIONS

if TYPE_CHECKING:
    from typing import Any, Literal

    from pronoia.promql.plan import At, Node, Selector

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_CALENDAR = frozenset(
    {"minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year"}
)
_SCALAR_FUNCTIONS = frozenset({"time", "pi", "scalar"})
_PROMETHEUS_3 = Semantics()


def compile(expression: str, semantics: Semantics = _PROMETHEUS_3) -> Plan | Unsupported:  # noqa: A001
    """Compile an expression, or say what in it is not evaluated here.

    Args:
        expression: PromQL that gives an instant vector or a scalar.
        semantics: of the server whose answers are to be matched.

    Raises:
        QueryError: if the text is not PromQL, or gives a string or a range vector.

    >>> [selector.before_ms for selector in compile("rate(a[5m]) / b").selectors]
    [300000, 300000]
    >>> compile("limitk(3, a)")
    Unsupported(reason='the aggregation limitk is not evaluated here', position=0)
    """
    parsed = parse(expression)
    compiler = _Compiler(semantics)
    try:
        root = compiler.node(parsed, Reach())
    except _NotEvaluatedError as error:
        return Unsupported(error.reason, error.position)
    if root.kind is Kind.STRING:
        raise QueryError(expression, "is a string, not series")
    if root.kind is Kind.RANGE:
        raise QueryError(expression, "gives ranges of samples, not series; put a function such as rate() around it")
    return Plan(expression, root, tuple(compiler.selectors), semantics)


class _NotEvaluatedError(Exception):
    def __init__(self, reason: str, position: int = 0) -> None:
        self.reason = reason
        self.position = position
        super().__init__(reason)


class _Compiler:
    """One compilation, which collects the selectors that it meets."""

    def __init__(self, semantics: Semantics) -> None:
        self._semantics = semantics
        #: In the order of the text, each once.
        self.selectors: dict[Selector, None] = {}

    def node(self, parsed: Any, reach: Reach) -> Node:  # noqa: PLR0911
        """What a part of the syntax tree comes to, evaluated at the instants of `reach`."""
        match parsed:
            case promql_parser.ParenExpr():
                return self.node(parsed.expr, reach)
            case promql_parser.NumberLiteral():
                return Number(parsed.val)
            case promql_parser.StringLiteral():
                return String(parsed.val)
            case promql_parser.UnaryExpr():
                return Negate(self.node(parsed.expr, reach))
            case promql_parser.VectorSelector():
                timing = _timing(parsed)
                return Select(self._selector(parsed, reach.through(timing, self._semantics.lookback_ms)), timing)
            case promql_parser.MatrixSelector():
                timing = _timing(parsed.vector_selector)
                range_ms = _milliseconds(parsed.range)
                selector = self._selector(parsed.vector_selector, reach.through(timing, range_ms))
                return SelectRange(selector, timing, range_ms)
            case promql_parser.SubqueryExpr():
                return self._subquery(parsed, reach)
            case promql_parser.Call():
                return self._call(parsed, reach)
            case promql_parser.AggregateExpr():
                return self._aggregate(parsed, reach)
            case promql_parser.BinaryExpr():
                return self._binary(parsed, reach)
        raise _NotEvaluatedError(f"{type(parsed).__name__} is not evaluated here")

    def _selector(self, parsed: Any, reach: Reach) -> Selector:
        if parsed.matchers.or_matchers:
            raise _NotEvaluatedError("'or' between matchers is not evaluated here")
        try:
            selector = reach.selector(matchers_of(parsed))
        except ValueError as error:
            raise _NotEvaluatedError(str(error)) from error
        self.selectors[selector] = None
        return selector

    def _subquery(self, parsed: Any, reach: Reach) -> Subquery:
        timing, range_ms = _timing(parsed), _milliseconds(parsed.range)
        step_ms = _milliseconds(parsed.step) if parsed.step else self._semantics.subquery_step_ms
        return Subquery(self.node(parsed.expr, reach.through(timing, range_ms)), timing, range_ms, step_ms)

    def _call(self, parsed: Any, reach: Reach) -> Call:
        name = parsed.func.name
        if name not in FUNCTIONS:
            raise _NotEvaluatedError(f"the function {name} is not evaluated here")
        arguments = tuple(self.node(each, reach) for each in parsed.args)
        if name == "round" and len(arguments) == 1:
            arguments += (Number(1.0),)
        elif name in _CALENDAR and not arguments:
            arguments = (Call("vector", (Call("time", (), Kind.SCALAR),)),)
        return Call(name, arguments, Kind.SCALAR if name in _SCALAR_FUNCTIONS else Kind.VECTOR)

    def _aggregate(self, parsed: Any, reach: Reach) -> Aggregate:
        operator = str(parsed.op)
        if operator not in AGGREGATIONS:
            raise _NotEvaluatedError(f"the aggregation {operator} is not evaluated here")
        parameter = None if parsed.param is None else self.node(parsed.param, reach)
        expression = self.node(parsed.expr, reach)
        if parsed.modifier is None:
            return Aggregate(operator, expression, parameter)
        without = parsed.modifier.type == promql_parser.AggModifierType.Without
        return Aggregate(operator, expression, parameter, tuple(parsed.modifier.labels), without)

    def _binary(self, parsed: Any, reach: Reach) -> Binary:
        modifier = parsed.modifier
        left, right = self.node(parsed.lhs, reach), self.node(parsed.rhs, reach)
        if modifier is None:
            return Binary(str(parsed.op), left, right)
        if modifier.fill_values.lhs is not None or modifier.fill_values.rhs is not None:
            raise _NotEvaluatedError("fill is not evaluated here")
        return Binary(str(parsed.op), left, right, _matching(modifier), modifier.return_bool)


def _matching(modifier: Any) -> Matching:
    matching = modifier.matching
    group: Literal["left", "right"] | None = None
    if modifier.card == promql_parser.VectorMatchCardinality.ManyToOne:
        group = "left"
    elif modifier.card == promql_parser.VectorMatchCardinality.OneToMany:
        group = "right"
    return Matching(
        tuple(matching.labels) if matching is not None else (),
        matching is not None and matching.type == promql_parser.LabelModifierType.Include,
        group,
        tuple(modifier.group_labels or ()),
    )


def _timing(parsed: Any) -> Timing:
    return Timing(_milliseconds(parsed.offset) if parsed.offset else 0, _at(parsed.at))


def _at(modifier: Any) -> At | None:
    if modifier is None:
        return None
    if modifier.type == promql_parser.AtModifierType.Start:
        return "start"
    if modifier.type == promql_parser.AtModifierType.End:
        return "end"
    return int((modifier.at - _EPOCH) / _MILLISECOND)


def _milliseconds(duration: timedelta) -> int:
    # As Go's division: towards zero.
    return int(duration / _MILLISECOND)
