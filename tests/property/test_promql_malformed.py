"""Whatever the text, compiling it gives a plan, says what it does not evaluate, or points into the text."""

import re

import promql_parser
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pronoia.errors import QueryError
from pronoia.promql.compiler import compile as compile_expression
from pronoia.promql.plan import Plan, Unsupported
from pronoia.promql.syntax.outline import PartKind
from pronoia.promql.syntax.parse import parse
from pronoia.promql.syntax.tokens import tokens_of
from support.promql_strategies import expressions

PIECES = [
    "x", "y:z", "sum", "rate", "abs", "topk", "label_replace", "holt_winters", "foo", "by", "without", "on", "ignoring",
    "group_left", "group_right", "bool", "and", "or", "unless", "atan2", "offset", "start", "end", "step", "fill",
    "anchored", "(", ")", "{", "}", "[", "]", ",", ":", "@", "=", "==", "!=", "=~", "!~", "<", ">=", "+", "-", "*", "/",
    "%", "^", "1", "0x1F", "1e400", "-1", "1_000", "1e30", "5m", "0s", "1h30m", "300y", "Inf", "NaN", '"a"', "'('",
    "`[[:alpha:]]`", r'"\xff"', r'"\\Qa\\E"', '"a{9999999999}"', '"(?i)a"', '"a(?=b)"',
    '"', "'", "`", "\\", "#", "\n", " ", "\0", "ä", "😀", "“", "\ud800",
]  # fmt: skip
MUTATIONS = st.tuples(st.floats(0, 1), st.integers(0, 3), st.sampled_from(PIECES))


def compiled(text):
    """What compiling gives or raises."""
    try:
        return compile_expression(text)
    except QueryError as error:
        return error


def check(text):
    answer = compiled(text)
    assert isinstance(answer, Plan | Unsupported | QueryError)
    if isinstance(answer, Unsupported):
        assert 0 <= answer.position < len(text)
    elif isinstance(answer, QueryError):
        assert answer.reason
        assert answer.position is None or 0 <= answer.position <= len(text)


@given(st.text(max_size=60))
@example("\ud800")
@example("x" * 100_000)
@example("x{" * 3000)
@example('x{a=~"[["}')
@example('x{a=~"' + "(" * 3000 + '"}')
@example("x @ -1.5 @ 1e18")
@example("abs(" + "x," * 3000 + "x)")
def test_any_text(text):
    check(text)


@given(st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from(["", " "]))
def test_any_words_of_promql(pieces, between):
    check(between.join(pieces))


@settings(max_examples=300)
@given(expressions(2), st.lists(MUTATIONS, min_size=1, max_size=4))
def test_expressions_with_mistakes(text, mutations):
    for where, length, piece in mutations:
        at = round(where * len(text))
        text = text[:at] + piece + text[at + length :]
    check(text)


@given(expressions(2))
def test_parts_stand_where_the_text_says(text):
    waiting = [parse(text)]
    while waiting:
        tree, part = waiting.pop()
        part, _ = part.of_node(tree)
        match tree:
            case promql_parser.Call():
                assert text.startswith((tree.func.name, "holt_winters"), part.position)
                waiting += zip(tree.args, part.children, strict=True)
            case promql_parser.AggregateExpr():
                assert text.lower().startswith(str(tree.op), part.position)
                arguments = [tree.expr] if tree.param is None else [tree.param, tree.expr]
                waiting += zip(arguments, part.children, strict=True)
            case promql_parser.BinaryExpr():
                assert text.lower().startswith(str(tree.op), part.position)
                waiting += zip((tree.lhs, tree.rhs), part.children, strict=True)
            case promql_parser.MatrixSelector():
                waiting.append((tree.vector_selector, part.children[0]))
            case promql_parser.VectorSelector():
                assert text.startswith(tree.name or "{", part.begin)
                assert part.kind is PartKind.SELECTOR
            case promql_parser.NumberLiteral() | promql_parser.StringLiteral():
                assert part.kind in (PartKind.NUMBER, PartKind.STRING)
            case _:
                waiting.append((tree.expr, part.children[0]))


@given(expressions(2))
def test_spaces_and_comments_change_nothing(text):
    spaced = " # (\n\t".join(token.text for token in tokens_of(text))
    written, read = compile_expression(text), compile_expression(spaced)
    assert isinstance(written, Plan)
    assert isinstance(read, Plan)
    # NaN equals nothing, and positions do change.
    assert re.sub(r"position=\d+", "", repr(written.root)) == re.sub(r"position=\d+", "", repr(read.root))
