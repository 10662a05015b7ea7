import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.errors import EvaluationError
from pronoia.promql.operators.aggregate import aggregate
from support.promql_vectors import rows_of, scalar, vector

nan, inf = math.nan, math.inf


def ranked(operator: str, k: float, *values: float | None) -> list[int]:
    """Numbers of the series taken at a single instant, in order."""
    one = vector({f'x{{n="{n}"}}': [value] for n, value in enumerate(values)})
    return [int(labels["n"]) for labels in aggregate(operator, one, scalar(k), (), False).labels]


def test_series_keep_their_labels_and_come_and_go():
    many = vector({'x{n="1"}': [1.0, 9.0, None], 'x{n="2"}': [2.0, 2.0, 2.0], 'x{n="3"}': [0.0, 0.0, 0.0]})
    assert rows_of(aggregate("topk", many, scalar(1, 1, 1), (), False)) == {
        'x{n="1"}': [None, 9.0, None],
        'x{n="2"}': [2.0, None, 2.0],
    }
    assert rows_of(aggregate("bottomk", many, scalar(1, 2, 0), (), False)) == {
        'x{n="2"}': [None, 2.0, None],
        'x{n="3"}': [0.0, 0.0, None],
    }


def test_a_single_instant_is_ordered_within_its_groups():
    one = vector({'x{g="a",n="1"}': [1.0], 'x{g="b",n="2"}': [7.0], 'x{g="a",n="3"}': [5.0], 'x{g="b",n="4"}': [8.0]})
    top = aggregate("topk", one, scalar(2), ("g",), False)
    assert [labels["n"] for labels in top.labels] == ["3", "1", "4", "2"]
    bottom = aggregate("bottomk", one, scalar(2), ("n",), True)
    assert [labels["n"] for labels in bottom.labels] == ["1", "3", "2", "4"]


def test_nan_is_taken_last():
    assert ranked("topk", 2, nan, 1.0, -inf) == [1, 2]
    assert ranked("bottomk", 2, nan, 1.0, inf) == [1, 2]
    assert ranked("topk", 3, nan, 1.0, 2.0) == [2, 1, 0]
    assert ranked("bottomk", 9, 3.0, nan, 1.0) == [2, 0, 1]


def test_of_equal_values_those_are_taken_that_the_heap_keeps():
    assert ranked("topk", 2, 1.0, 1.0, 1.0) == [0, 1]
    # The larger value overwrites the top of the heap, which is the first of the equal ones.
    assert ranked("topk", 2, 1.0, 1.0, 2.0) == [2, 1]
    assert ranked("bottomk", 2, 5.0, 5.0, 2.0) == [2, 1]


def test_k_is_cut_to_an_integer_and_below_one_takes_nothing():
    assert ranked("topk", 1.9, 1.0, 2.0) == [1]
    assert ranked("topk", 0.9, 1.0, 2.0) == []
    assert ranked("bottomk", -inf, 1.0) == []


@pytest.mark.parametrize(
    ("k", "reason"),
    [((nan,), "Parameter value is NaN"), ((inf,), "overflows int64"), ((1.0, -1e19), "underflows int64")],
)
def test_a_k_that_is_no_integer_is_refused_if_any_series_could_be_taken(k, reason):
    one = vector({"x": [1.0] * len(k)})
    with pytest.raises(EvaluationError, match=reason):
        aggregate("topk", one, scalar(*k), (), False)


@given(st.lists(st.none() | st.integers(-5, 5) | st.just(nan), max_size=30), st.integers(1, 8))
def test_the_values_taken_are_the_largest(values, k):
    there = [value for value in values if value is not None]
    expected = sorted(there, key=lambda value: (math.isnan(value), -value))[:k]
    if values:
        assert [values[n] for n in ranked("topk", k, *values)] == pytest.approx(expected, nan_ok=True)
        expected = sorted(there, key=lambda value: (math.isnan(value), value))[:k]
        assert [values[n] for n in ranked("bottomk", k, *values)] == pytest.approx(expected, nan_ok=True)


def test_zeros_of_both_signs_are_equal():
    assert ranked("topk", 1, -0.0, 0.0) == [0]
    assert ranked("bottomk", 1, 0.0, -0.0) == [0]
