"""Expressions become nodes, and the raw samples that these need."""

from __future__ import annotations

import pytest

from pronoia.errors import QueryError
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.instant_functions.registry import INSTANT_FUNCTIONS
from pronoia.promql.operators import aggregate
from pronoia.promql.plan import (
    Aggregate,
    Binary,
    Call,
    Kind,
    Matching,
    Negate,
    Node,
    Number,
    Plan,
    Select,
    SelectRange,
    String,
    Subquery,
    Timing,
    Unsupported,
)
from pronoia.promql.range_functions.registry import RANGE_FUNCTIONS
from pronoia.promql.semantics import Semantics
from pronoia.promql.supported import AGGREGATIONS, FUNCTIONS
from pronoia.series.labels import METRIC_NAME
from pronoia.series.matchers import Matcher, MatchOp

MINUTE_MS = 60_000


def plan(expression: str, semantics: Semantics | None = None) -> Plan:
    compiled = compile_promql(expression, semantics or Semantics())
    assert isinstance(compiled, Plan)
    return compiled


def root(expression: str) -> Node:
    return plan(expression).root


def reaches(expression: str) -> list[tuple[int, int, object]]:
    """Minutes before the first instant, minutes before the last one, and what both count from."""
    return [(each.before_ms // MINUTE_MS, each.offset_ms // MINUTE_MS, each.at) for each in plan(expression).selectors]


def test_a_selector_needs_the_lookback_before_the_first_instant() -> None:
    compiled = plan('up{job="a", b!="", c=~"x|y", d!~"z"}', Semantics(lookback_ms=120_000))
    (selector,) = compiled.selectors
    assert selector.matchers == (
        Matcher(METRIC_NAME, MatchOp.EQUAL, "up"),
        Matcher("job", MatchOp.EQUAL, "a"),
        Matcher("b", MatchOp.NOT_EQUAL, ""),
        Matcher("c", MatchOp.REGEX, "x|y"),
        Matcher("d", MatchOp.NOT_REGEX, "z"),
    )
    assert (selector.before_ms, selector.offset_ms, selector.at) == (120_000, 0, None)
    assert compiled.root == Select(selector, Timing())


@pytest.mark.parametrize(
    ("expression", "reach"),
    [
        ("x", (5, 0, None)),
        ("rate(x[10m])", (10, 0, None)),
        ("x offset 1h", (65, 60, None)),
        ("x offset -1h", (-55, -60, None)),
        ("rate(x[10m] offset 1h)", (70, 60, None)),
        ("x @ 60", (5, 0, 60_000)),
        ("x @ -1.5", (5, 0, -1500)),
        ("x @ end() offset 2m", (7, 2, "end")),
        ("x offset 2m @ start()", (7, 2, "start")),
        ("rate(x[10m] @ 3.0005)", (10, 0, 3001)),
        ("max_over_time(x[1h:])", (65, 0, None)),
        ("max_over_time(rate(x[10m])[1h:1m] offset 1h)", (130, 60, None)),
        ("max_over_time((x offset 1h)[1h:] offset 1h)", (185, 120, None)),
        ("max_over_time(max_over_time(x[1h:])[2h:])", (185, 0, None)),
        ("max_over_time(rate(x[10m] @ 60)[1h:] offset 1h)", (10, 0, 60_000)),
        ("max_over_time(rate(x[10m] offset 1m)[1h:] @ 60 offset 1h)", (131, 61, 60_000)),
        ("max_over_time(x[1h:] @ end())", (65, 0, "end")),
    ],
)
def test_offsets_and_ranges_add_up_through_subqueries_until_a_time_is_fixed(
    expression: str, reach: tuple[int, int, object]
) -> None:
    assert reaches(expression) == [reach]


def test_each_selector_is_read_once_at_its_first_place() -> None:
    compiled = plan("rate(a[5m]) / on () rate(b[5m]) + rate(a[5m]) + a")
    assert [(each.matchers[0].value, each.position) for each in compiled.selectors] == [("a", 5), ("b", 25)]
    assert reaches("a + a offset 5m + rate(a[1h])") == [(5, 0, None), (10, 5, None), (60, 0, None)]


def test_the_step_of_a_subquery_is_the_servers_unless_it_names_one() -> None:
    semantics = Semantics(subquery_step_ms=15_000)
    named, unnamed = (plan(f"max_over_time(x[1h:{step}])", semantics).root for step in ("30s", ""))
    assert isinstance(named, Call)
    assert isinstance(unnamed, Call)
    steps = [node.step_ms for node in (*named.arguments, *unnamed.arguments) if isinstance(node, Subquery)]
    assert steps == [30_000, 15_000]


def test_subqueries_tell_where_they_begin() -> None:
    compiled = root("1 + max_over_time(rate(x[5m])[1h:])")
    assert isinstance(compiled, Binary)
    assert isinstance(compiled.right, Call)
    assert isinstance(compiled.right.arguments[0], Subquery)
    assert compiled.right.arguments[0].position == 18


@pytest.mark.parametrize(
    ("expression", "node"),
    [
        ("1_000", Number(1000.0)),
        ("0x1F", Number(31.0)),
        ("017", Number(15.0)),
        ("089", Number(89.0)),
        ("-Inf", Number(float("-inf"))),
        ("1h30m", Number(5400.0)),
        ("-(1)", Negate(Number(1.0))),
        ("-1 ^ 2", Negate(Binary("^", Number(1.0), Number(2.0)))),
        ("2 ^ 3 ^ 4", Binary("^", Number(2.0), Binary("^", Number(3.0), Number(4.0)))),
        ("2 - 3 - 4", Binary("-", Binary("-", Number(2.0), Number(3.0)), Number(4.0))),
        ("2 + 3 * 4", Binary("+", Number(2.0), Binary("*", Number(3.0), Number(4.0)))),
        ("1 <= bool 2", Binary("<=", Number(1.0), Number(2.0), returns_bool=True)),
        ("time()", Call("time", (), Kind.SCALAR)),
        ("hour()", Call("hour", (Call("vector", (Call("time", (), Kind.SCALAR),)),))),
        ("vector(pi())", Call("vector", (Call("pi", (), Kind.SCALAR),))),
    ],
)
def test_what_reads_nothing(expression: str, node: Node) -> None:
    assert plan(expression) == Plan(expression, node, (), Semantics())


def test_a_negated_vector_is_one_and_a_plus_changes_nothing() -> None:
    assert isinstance(root("-x"), Negate)
    assert isinstance(root("+x"), Select)
    assert root("-x ^ 2").kind is Kind.VECTOR
    assert root("scalar(x) + 1").kind is Kind.SCALAR


def test_defaults_of_arguments_are_filled_in() -> None:
    rounded = root("round(x)")
    assert isinstance(rounded, Call)
    assert rounded.arguments[1:] == (Number(1.0),)
    given = root("round(x, 5)")
    assert isinstance(given, Call)
    assert given.arguments[1:] == (Number(5.0),)


def test_strings_are_what_their_escapes_say() -> None:
    joined = root(r"""label_join(x, "a\"b", 'é', `\n`, "d")""")
    assert isinstance(joined, Call)
    assert joined.arguments[1:] == (String('a"b'), String("é"), String(r"\n"), String("d"))


def test_the_older_name_of_double_exponential_smoothing_is_known() -> None:
    old, new = (plan(f"{name}(x[5m], 0.1, 0.2)") for name in ("holt_winters", "double_exponential_smoothing"))
    assert old.root == new.root


@pytest.mark.parametrize(
    ("expression", "matching"),
    [
        ("a + b", Matching()),
        ("a and b", Matching()),
        ("a + on () b", Matching(on=True)),
        ("a + ignoring () b", Matching()),
        ("a and on (x, y) b", Matching(("x", "y"), on=True)),
        ("a * on (x) group_left (y, z) b", Matching(("x",), True, "left", ("y", "z"))),
        ("a * ignoring (x) group_right b", Matching(("x",), False, "right")),
    ],
)
def test_how_vectors_find_each_other(expression: str, matching: Matching) -> None:
    compiled = root(expression)
    assert isinstance(compiled, Binary)
    assert compiled.matching == matching


@pytest.mark.parametrize(
    ("expression", "operator", "parameter", "grouping", "without"),
    [
        ("sum(x)", "sum", None, (), False),
        ("SUM BY (a, b) (x)", "sum", None, ("a", "b"), False),
        ("avg(x) without (a)", "avg", None, ("a",), True),
        ("sum without () (x)", "sum", None, (), True),
        ("topk by (a) (3, x)", "topk", Number(3.0), ("a",), False),
        ('count_values("v", x)', "count_values", String("v"), (), False),
    ],
)
def test_aggregations(
    expression: str, operator: str, parameter: Node | None, grouping: tuple[str, ...], without: bool
) -> None:
    compiled = root(expression)
    assert isinstance(compiled, Aggregate)
    assert (compiled.operator, compiled.parameter, compiled.grouping, compiled.without) == (
        operator, parameter, grouping, without,
    )  # fmt: skip


def test_parentheses_leave_no_trace() -> None:
    assert isinstance(root("rate((x[5m]))"), Call)
    assert root("((x))") == Select(plan("x").selectors[0], Timing())
    ranged = root("rate((x[5m]) )")
    assert isinstance(ranged, Call)
    assert isinstance(ranged.arguments[0], SelectRange)


@pytest.mark.parametrize(
    ("expression", "position", "reason"),
    [
        ("info(x)", 0, "the function info is not evaluated here"),
        ("sum(histogram_avg(x)) / histogram_avg(y)", 4, "the function histogram_avg is not evaluated here"),
        ("sum by (limitk) (limitk (3, x))", 17, "the aggregation limitk is not evaluated here"),
        ("-x + step()", 5, "the function step is not evaluated here"),
        ('a or b{c="d", e=~"(?i:f)(?i)g"}', 17, "the regular expression '(?i:f)(?i)g' is not evaluated here"),
        ('label_replace(x, "a", "b", "c", "a(?i)e")', 32, "the regular expression 'a(?i)e' is not evaluated here"),
        ('x{a="1" or b="2"}', 8, "'or' between matchers is not evaluated here"),
        ("absent(+x)", 7, "absent of a signed expression is not evaluated here"),
    ],
)  # fmt: skip
def test_what_is_not_evaluated_says_so_and_where(expression: str, position: int, reason: str) -> None:
    assert compile_promql(expression) == Unsupported(reason, position)


@pytest.mark.parametrize("expression", ["x[5m]", "x[5m:]", "(x[5m] offset 1m)", '"text"', "('text')"])
def test_an_expression_has_to_give_series(expression: str) -> None:
    with pytest.raises(QueryError, match="gives") as refused:
        compile_promql(expression)
    assert refused.value.position is None


@pytest.mark.parametrize("expression", ["rate(+x[5m])", "rate(+(x[5m:]))"])
def test_a_plus_does_not_stand_before_a_range(expression: str) -> None:
    with pytest.raises(QueryError, match="a sign stands before") as refused:
        compile_promql(expression)
    assert refused.value.position == 5


def test_regular_expressions_of_label_replace_are_looked_at_beforehand() -> None:
    with pytest.raises(QueryError, match="the regular expression is not right") as refused:
        compile_promql('label_replace(x, "a", "b", "c", "d(")')
    assert refused.value.position == 34


def test_what_is_compiled_can_be_evaluated() -> None:
    by_evaluation_itself = {"absent", "absent_over_time"}
    assert RANGE_FUNCTIONS.keys() | INSTANT_FUNCTIONS.keys() | by_evaluation_itself == FUNCTIONS
    assert aggregate.AGGREGATIONS == AGGREGATIONS
