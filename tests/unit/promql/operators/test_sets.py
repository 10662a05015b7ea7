import pytest

from pronoia.promql.operators.binary import binary
from pronoia.promql.plan import Matching
from pronoia.promql.vector import Vector
from support.promql_vectors import rows_of, vector

ALL_LABELS = Matching()
LEFT = vector({'l{host="a"}': [1.0, 2.0, None, 4.0], 'l{host="b"}': [5.0, None, 7.0, 8.0]})
RIGHT = vector({'r{host="a"}': [None, 20.0, 30.0, None], 'r{host="c"}': [50.0, 60.0, 70.0, 80.0]})


def combined(operator, left=LEFT, right=RIGHT, matching=ALL_LABELS):
    return rows_of(binary(operator, left, right, matching, False))


def test_and_keeps_the_left_side_where_the_right_one_is_present():
    assert combined("and") == {'l{host="a"}': [None, 2.0, None, None]}


def test_unless_keeps_the_left_side_where_the_right_one_is_absent():
    assert combined("unless") == {'l{host="a"}': [1.0, None, None, 4.0], 'l{host="b"}': [5.0, None, 7.0, 8.0]}


def test_or_adds_the_right_side_where_the_left_one_is_absent():
    assert combined("or") == {
        'l{host="a"}': [1.0, 2.0, None, 4.0],
        'l{host="b"}': [5.0, None, 7.0, 8.0],
        'r{host="a"}': [None, None, 30.0, None],
        'r{host="c"}': [50.0, 60.0, 70.0, 80.0],
    }


def test_or_fills_the_gaps_of_a_series_with_the_same_labels():
    gaps = vector({'x{n="1"}': [1.0, None, None]})
    filling = vector({'x{n="1"}': [10.0, 20.0, None]})
    assert combined("or", gaps, filling) == {'x{n="1"}': [1.0, 20.0, None]}


def test_only_the_labels_named_are_compared():
    many = vector({'x{host="a",n="1"}': [1.0], 'x{host="a",n="2"}': [2.0], 'x{host="b",n="1"}': [3.0]})
    one = vector({'y{host="a",z="z"}': [0.0]})
    first_two = {'x{host="a",n="1"}': [1.0], 'x{host="a",n="2"}': [2.0]}
    assert combined("and", many, one, Matching(("host",), on=True)) == first_two
    assert combined("and", many, one, Matching(("n", "z"))) == first_two
    assert combined("unless", many, one, Matching(("host",), on=True)) == {'x{host="b",n="1"}': [3.0]}
    assert combined("or", one, many, Matching(("host",), on=True)).keys() == {'y{host="a",z="z"}', 'x{host="b",n="1"}'}


def test_nothing_compared_means_that_any_series_counts():
    presence = vector({"y": [None, 1.0, None, None]})
    assert combined("and", LEFT, presence, Matching((), on=True)) == {'l{host="a"}': [None, 2.0, None, None]}


def test_metric_names_count_only_if_they_are_named():
    same = vector({'other{host="a"}': [0.0] * 4})
    assert 'l{host="a"}' in combined("and", LEFT, same)
    assert combined("and", LEFT, same, Matching(("__name__",), on=True)) == {}


@pytest.mark.parametrize(("operator", "left_stays", "right_comes"), [("and", 0, 0), ("or", 2, 2), ("unless", 2, 0)])
def test_one_side_may_be_empty(operator, left_stays, right_comes):
    nothing = Vector.empty(4)
    assert len(combined(operator, LEFT, nothing)) == left_stays
    assert len(combined(operator, nothing, RIGHT)) == right_comes
