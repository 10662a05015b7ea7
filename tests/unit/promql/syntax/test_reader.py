"""Malformed text is refused at the first token that cannot stand there."""

from __future__ import annotations

import pytest

from pronoia.errors import QueryError
from pronoia.promql.syntax.parse import parse
from pronoia.promql.syntax.reader import MAX_LEVELS, MAX_NESTING, outline_of
from pronoia.promql.syntax.unsupported import UnsupportedError

# The caret stands under the character that the message points at.
MALFORMED = """
(x
^ the '(' here is not closed
x)
 ^ unexpected ')', no parenthesis is open
(x]
  ^ unexpected ']', an operator or ')' is needed
sum(rate(x[5m])
   ^ the '(' here is not closed
rate(x[5m)
         ^ unexpected ')', ':' or ']' is needed
rate(x[5m
      ^ the '[' here is not closed
x{a="b"
 ^ the '{' here is not closed
x{a="b"}}
        ^ unexpected '}', an operator or the end of the expression is needed
x + * y
    ^ unexpected '*', an expression is needed
x +
   ^ the expression ends where an expression is needed
sum(x) y
       ^ unexpected 'y', an operator or the end of the expression is needed
1 2
  ^ unexpected '2', an operator or the end of the expression is needed
x, y
 ^ unexpected ',', an operator or the end of the expression is needed
a = b
  ^ unexpected '=', values are compared by '=='
clamp(x, 1,)
           ^ unexpected ')' after ',', another argument is needed
clamp(x 1)
        ^ unexpected '1', an operator, ',' or ')' is needed
x[]
  ^ unexpected ']', a duration such as 5m is needed
x[y]
  ^ unexpected 'y', a duration such as 5m is needed
x[0s]
  ^ a range or a step is at least a millisecond
x[5m:0]
     ^ a range or a step is at least a millisecond
x[1e30]
  ^ the duration is out of range
x[300y]
  ^ the duration '300y' is out of range
x offset
        ^ the expression ends where a duration such as 5m is needed
x offset y
         ^ unexpected 'y', a duration such as 5m is needed
x @
   ^ the expression ends where a time in seconds, start() or end() is needed
x @ now
    ^ unexpected 'now', a time in seconds, start() or end() is needed
x @ end
       ^ the expression ends where '()' is needed
x @ Inf
    ^ the time after @ is out of range
x{a=b}
    ^ unexpected 'b', a value in quotes is needed
x{a}
   ^ unexpected '}', =, !=, =~ or !~ after the label 'a' is needed
x{a=="b"}
   ^ unexpected '==', =, !=, =~ or !~ is needed
x{="b"}
  ^ unexpected '=', a label name or '}' is needed
x{a="b" c="d"}
        ^ unexpected 'c', ',' or '}' is needed
x{,}
  ^ unexpected ',', a label name or '}' is needed
x by (a)
  ^ unexpected 'by', an operator or the end of the expression is needed
sum by a (x)
       ^ unexpected 'a', '(' with label names is needed
sum by (a b) (x)
          ^ unexpected 'b', ',' or ')' is needed
sum by (a)
          ^ the expression ends where '(' with what to aggregate is needed
a + on b
       ^ unexpected 'b', '(' with label names is needed
a on (b) c
  ^ unexpected 'on', an operator or the end of the expression is needed
bool
^ unexpected 'bool', an expression is needed
by (x)
^ unexpected 'by', an expression is needed
1e400
^ the number '1e400' is too large
foo(x)
^ there is no function 'foo'
1 + avg_overtime(x[5m])
    ^ there is no function 'avg_overtime'; avg_over_time is meant?
rate(y[5m]) / rate(x)
              ^ rate() takes a range vector such as x[5m] here, got an instant vector
sum(abs(x, 1))
    ^ abs() takes 1 argument(s), got 2
1 + topk(x)
    ^ the aggregation takes 2 argument(s), got 1
sum("a")
^ the aggregation takes an instant vector here, got a string
y + x{a=~"b("}
           ^ the regular expression is not right: missing ), unterminated subpattern
x{a=~"b(?=c)"}
       ^ the regular expression has (?=, which Prometheus does not know
x{a=~"\\\\d("}
     ^ the regular expression is not right: missing ), unterminated subpattern
(x) offset 5m
    ^ offset follows a selector, a range or a subquery
sum(x) @ 5
       ^ @ follows a selector, a range or a subquery
x offset 5m offset 1m
            ^ offset may not be set multiple times
sum(x)[5m]
      ^ a range follows a selector; of an expression it is written [5m:]
x[5m][5m:]
     ^ a subquery is of an instant vector, got a range vector such as x[5m]
y + x[5m] - 1
  ^ operators take numbers and instant vectors
1 + (2 == 3)
       ^ numbers are compared with bool, as in 1 == bool 2
x + bool y
  ^ bool goes with comparisons only
1 + {a=""}
    ^ vector selector must contain at least one non-empty matcher
-"a"
^ a sign stands before numbers and instant vectors, got a string
"""
LINES = MALFORMED.strip("\n").split("\n")


@pytest.mark.parametrize(("expression", "marked"), list(zip(LINES[::2], LINES[1::2], strict=True)))
def test_the_place_and_the_reason_are_told(expression: str, marked: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(expression)
    assert " " * (refused.value.position or 0) + "^ " + refused.value.reason == marked


@pytest.mark.parametrize("expression", ["", "  ", "# nothing\n"])
def test_there_has_to_be_an_expression(expression: str) -> None:
    with pytest.raises(QueryError, match="there is no expression at character 1"):
        parse(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "sum", "by", "offset", "and and and or or", "start + end", "sum by (sum, by, on) (sum)", "x{on='1', by='2'}",
        "SUM BY (a) (x) AND ON () y", "{'foo.bar', 'a.b'='c'}", "sum by ('a.b',) (x)", "a + ignoring (b) group_left c",
        "a * on (x) group_left (y) b", "x[5m:] @ end() offset -1m", "x @ -1.5", "x offset 0s", "-1 ^ -2", "+-+x",
        "1_000 + 0x1F + 017 + .5 + Inf + nan", "x > 5m", "x[300:5]", "fill + fill_left", "quantile(0.5, x) by (a)",
        "holt_winters(x[5m], 0.1, 0.2)", "x{a=~'(?i:b)'}", "a:b:c{d='e',}", "days_in_month()", "x @ 5m",
    ],
)  # fmt: skip
def test_what_prometheus_takes_is_taken(expression: str) -> None:
    parse(expression)


@pytest.mark.parametrize(
    ("expression", "position", "reason"),
    [
        ('x{a="1" or b="2"}', 8, "'or' between matchers"),
        ("rate(x[5m + 1m])", 7, "arithmetic of durations"),
        ("rate(x[step()])", 7, "arithmetic of durations"),
        ("x offset (5m * 2)", 9, "arithmetic of durations"),
        ("x offset -max_of(1m, step())", 9, "arithmetic of durations"),
        ("a + on (x) fill (0) b", 11, "fill"),
        ("rate(x[5m] smoothed)", 11, "smoothed"),
        (r'x{a="\xff"}', 4, "bytes in a string"),
        (r'x{a=~"\\Qb\\E"}', 5, "regular expression"),
    ],
)
def test_what_prometheus_takes_and_the_parser_does_not_is_no_mistake(
    expression: str, position: int, reason: str
) -> None:
    with pytest.raises(UnsupportedError, match=reason) as unsupported:
        parse(expression)
    assert unsupported.value.position == position


@pytest.mark.parametrize(("expression", "position"), [("x[5m +]", 6), ("x offset (5m", 9), ("x[min_of(5m]", 11)])
def test_arithmetic_of_durations_can_be_malformed_as_well(expression: str, position: int) -> None:
    with pytest.raises(QueryError) as refused:
        parse(expression)
    assert refused.value.position == position


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("abs(", ")"), ("-", ""), ("x ^ ", ""), ("sum((", "))")])
def test_deep_nesting_is_refused_where_it_becomes_too_deep(opening: str, closing: str) -> None:
    with pytest.raises(QueryError, match=f"more than {MAX_NESTING} levels") as refused:
        parse(opening * 10_000 + "x" + closing * 10_000)
    assert 0 < (refused.value.position or 0) <= len(opening) * MAX_NESTING


def test_nesting_as_people_write_it_is_read() -> None:
    parse("(" * 40 + "x + 1" + ")" * 40)


def test_long_chains_of_operators_are_left_to_the_server() -> None:
    parse(" or ".join(["x"] * (MAX_LEVELS - 1)))
    with pytest.raises(UnsupportedError, match=f"more than {MAX_LEVELS} levels"):
        parse(" or ".join(["x"] * 10_000))


def test_the_outline_has_the_parts_that_the_parser_has_no_positions_for() -> None:
    text = "-(sum(x[5m:] @ 1.5 offset 1m))"
    negation = outline_of(text).root
    (paren,) = negation.children
    (aggregation,) = paren.children
    (offset,) = aggregation.children
    (at,) = offset.children
    (subquery,) = at.children
    (selector,) = subquery.children
    parts = (negation, paren, aggregation, offset, at, subquery, selector)
    assert [text[part.position] for part in parts] == ["-", "(", "s", "o", "@", "[", "x"]
    assert [part.begin for part in (offset, at, subquery, selector)] == [6] * 4
    assert at.at_ms == 1500
