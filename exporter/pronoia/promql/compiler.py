"""Compiling: an expression becomes nodes to evaluate, and the raw samples they need."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import promql_parser

from pronoia.errors import QueryError
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
from pronoia.promql.syntax.outline import Part, PartKind
from pronoia.promql.syntax.parse import parse
from pronoia.promql.syntax.regexp import check_replaced
from pronoia.promql.syntax.unsupported import UnsupportedError

if TYPE_CHECKING:
    from typing import Any, Literal

    from pronoia.promql.plan import At, Node, Selector

_MILLISECOND = timedelta(milliseconds=1)

_CALENDAR = frozenset(
    {"minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year"}
)
_SCALAR_FUNCTIONS = frozenset({"time", "pi", "scalar"})
# What these give for a selector is not what they give for an expression, which a selector with a plus is.
_OF_SELECTORS = frozenset({"absent", "timestamp"})
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
    try:
        tree, part = parse(expression)
        compiler = _Compiler(expression, semantics)
        root = compiler.node(tree, part, Reach())
    except UnsupportedError as error:
        return Unsupported(error.reason, error.position)
    if root.kind is Kind.STRING:
        raise QueryError(expression, "gives a string, not series")
    if root.kind is Kind.RANGE:
        raise QueryError(expression, "gives ranges of samples, not series; put a function such as rate() around it")
    return Plan(expression, root, tuple(compiler.selectors), semantics)


class _Compiler:
    """One compilation, which collects the selectors that it meets."""

    def __init__(self, expression: str, semantics: Semantics) -> None:
        self._expression = expression
        self._semantics = semantics
        #: In the order of the text, each once, by itself.
        self.selectors: dict[Selector, Selector] = {}

    def node(self, tree: Any, part: Part, reach: Reach) -> Node:
        """What a part of the syntax tree comes to, evaluated at the instants of `reach`."""
        node = self._node(tree, *part.of_node(tree), reach)
        if part.kind is PartKind.PLUS and node.kind not in (Kind.SCALAR, Kind.VECTOR):
            reason = f"a sign stands before numbers and instant vectors, got a {node.kind.value}"
            raise QueryError(self._expression, reason, part.position)
        return node

    def _node(self, tree: Any, part: Part, at_ms: int | None, reach: Reach) -> Node:  # noqa: PLR0911
        children = part.children
        match tree:
            case promql_parser.ParenExpr():
                return self.node(tree.expr, children[0], reach)
            case promql_parser.NumberLiteral():
                return Number(tree.val)
            case promql_parser.StringLiteral():
                return String(tree.val)
            case promql_parser.UnaryExpr():
                return Negate(self.node(tree.expr, children[0], reach))
            case promql_parser.VectorSelector():
                timing = _timing(tree, at_ms)
                return Select(self._selector(tree, part, reach.through(timing, self._semantics.lookback_ms)), timing)
            case promql_parser.MatrixSelector():
                timing, range_ms = _timing(tree.vector_selector, at_ms), _milliseconds(tree.range)
                selector = self._selector(tree.vector_selector, children[0], reach.through(timing, range_ms))
                return SelectRange(selector, timing, range_ms)
            case promql_parser.SubqueryExpr():
                timing, range_ms = _timing(tree, at_ms), _milliseconds(tree.range)
                step_ms = _milliseconds(tree.step) if tree.step else self._semantics.subquery_step_ms
                inner = self.node(tree.expr, children[0], reach.through(timing, range_ms))
                return Subquery(inner, timing, range_ms, step_ms, part.begin)
            case promql_parser.Call():
                return self._call(tree, part, reach)
            case promql_parser.AggregateExpr():
                return self._aggregate(tree, part, reach)
            case promql_parser.BinaryExpr():
                left, right = self.node(tree.lhs, children[0], reach), self.node(tree.rhs, children[1], reach)
                return_bool = tree.modifier is not None and tree.modifier.return_bool
                return Binary(str(tree.op), left, right, _matching(tree.modifier), return_bool)
        raise UnsupportedError(f"{type(tree).__name__} is not evaluated here", part.position)

    def _selector(self, tree: Any, part: Part, reach: Reach) -> Selector:
        selector = reach.selector(matchers_of(tree, part), part.begin)
        return self.selectors.setdefault(selector, selector)

    def _call(self, tree: Any, part: Part, reach: Reach) -> Call:
        name = tree.func.name
        if name not in FUNCTIONS:
            raise UnsupportedError(f"the function {name} is not evaluated here", part.position)
        if name in _OF_SELECTORS and part.children[0].kind is PartKind.PLUS:
            raise UnsupportedError(f"{name} of a signed expression is not evaluated here", part.children[0].position)
        arguments = tuple(self.node(each, of, reach) for each, of in zip(tree.args, part.children, strict=True))
        if name == "label_replace" and isinstance(arguments[4], String):
            check_replaced(self._expression, arguments[4].value, part.children[4].position)
        if name == "round" and len(arguments) == 1:
            arguments += (Number(1.0),)
        elif name in _CALENDAR and not arguments:
            arguments = (Call("vector", (Call("time", (), Kind.SCALAR),)),)
        return Call(name, arguments, Kind.SCALAR if name in _SCALAR_FUNCTIONS else Kind.VECTOR)

    def _aggregate(self, tree: Any, part: Part, reach: Reach) -> Aggregate:
        operator = str(tree.op)
        if operator not in AGGREGATIONS:
            raise UnsupportedError(f"the aggregation {operator} is not evaluated here", part.position)
        parameter = None if tree.param is None else self.node(tree.param, part.children[0], reach)
        expression = self.node(tree.expr, part.children[-1], reach)
        if tree.modifier is None:
            return Aggregate(operator, expression, parameter)
        without = tree.modifier.type == promql_parser.AggModifierType.Without
        return Aggregate(operator, expression, parameter, tuple(tree.modifier.labels), without)


def _matching(modifier: Any) -> Matching:
    if modifier is None:
        return Matching()
    labels = modifier.matching
    group: Literal["left", "right"] | None = None
    if modifier.card == promql_parser.VectorMatchCardinality.ManyToOne:
        group = "left"
    elif modifier.card == promql_parser.VectorMatchCardinality.OneToMany:
        group = "right"
    return Matching(
        () if labels is None else tuple(labels.labels),
        labels is not None and labels.type == promql_parser.LabelModifierType.Include,
        group,
        tuple(modifier.group_labels or ()),
    )


def _timing(tree: Any, at_ms: int | None) -> Timing:
    at: At | None = None
    if tree.at is not None:
        at = at_ms
        if tree.at.type == promql_parser.AtModifierType.Start:
            at = "start"
        elif tree.at.type == promql_parser.AtModifierType.End:
            at = "end"
    return Timing(_milliseconds(tree.offset), at)


def _milliseconds(duration: timedelta | None) -> int:
    # As Go divides: towards zero.
    return 0 if duration is None else int(duration / _MILLISECOND)
