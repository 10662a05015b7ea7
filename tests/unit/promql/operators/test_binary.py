import math
import sys
import warnings

import pytest

from pronoia.errors import EvaluationError, SeriesLimitExceeded
from pronoia.promql.operators.binary import binary, negate
from pronoia.promql.plan import Matching
from pronoia.promql.vector import Scalar, Vector
from support.promql_vectors import rows_of, scalar, vector

nan, inf = math.nan, math.inf
ALL_LABELS = Matching()
USED = vector({'used{host="a"}': [1.0, 2.0, None], 'used{host="b"}': [6.0, None, 8.0]})
SIZE = vector(
    {'size{host="b"}': [4.0, 4.0, 4.0], 'size{host="a"}': [2.0, None, 2.0], 'size{host="c"}': [1.0, 1.0, 1.0]}
)


def applied(operator, left, right, matching=ALL_LABELS, *, returns_bool=False):
    return rows_of(binary(operator, left, right, matching, returns_bool))


def of_scalars(operator, left, right):
    result = binary(operator, scalar(left), scalar(right), ALL_LABELS, False)
    assert isinstance(result, Scalar)
    return result.values.tolist()[0]


@pytest.mark.parametrize(
    ("operator", "left", "right", "expected"),
    [
        ("+", 1, 2, 3),
        ("-", 1, 2, -1),
        ("*", 3, 2, 6),
        ("/", 3, 2, 1.5),
        ("/", 1, 0, inf),
        ("/", -1, 0, -inf),
        ("/", 0, 0, nan),
        ("%", 5, 3, 2),
        ("%", -5, 3, -2),
        ("%", 5, -3, 2),
        ("%", 5, 0, nan),
        ("%", inf, 2, nan),
        ("%", 5, inf, 5),
        ("^", 2, 10, 1024),
        ("^", nan, 0, 1),
        ("^", 1, nan, 1),
        ("^", -1, inf, 1),
        ("^", -8, 1 / 3, nan),
        ("^", 0, -1, inf),
        ("atan2", 1, -1, 3 * math.pi / 4),
        ("==", 1, 1, 1),
        ("==", nan, nan, 0),
        ("!=", nan, nan, 1),
        (">", 2, 1, 1),
        ("<", 2, 1, 0),
        (">=", 1, 1, 1),
        ("<=", nan, 1, 0),
    ],
)
def test_numbers_follow_ieee_754_without_a_warning(operator, left, right, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert of_scalars(operator, left, right) == pytest.approx(expected, nan_ok=True)


def test_arithmetic_with_a_scalar_drops_the_name():
    assert applied("-", USED, scalar(1, 2, 3)) == {'{host="a"}': [0.0, 0.0, None], '{host="b"}': [5.0, None, 5.0]}
    assert applied("-", scalar(1, 2, 3), USED) == {'{host="a"}': [0.0, 0.0, None], '{host="b"}': [-5.0, None, -5.0]}


def test_a_comparison_with_a_scalar_keeps_names_and_the_vectors_values():
    expected = {'used{host="a"}': [None, 2.0, None], 'used{host="b"}': [6.0, None, 8.0]}
    assert applied(">", USED, scalar(1, 1, 1)) == applied("<", scalar(1, 1, 1), USED) == expected


def test_bool_gives_one_or_zero_and_drops_the_name():
    expected = {'{host="a"}': [0.0, 1.0, None], '{host="b"}': [1.0, None, 1.0]}
    assert applied(">", USED, scalar(1, 1, 1), returns_bool=True) == expected
    assert applied("<", scalar(1, 1, 1), USED, returns_bool=True) == expected
    assert applied(">", USED, SIZE, returns_bool=True) == {
        '{host="a"}': [0.0, None, None],
        '{host="b"}': [1.0, None, 1.0],
    }


def test_series_that_lose_their_name_may_follow_each_other_but_not_meet():
    following = vector({"x": [1.0, None], "y": [None, 2.0]})
    assert applied("*", following, scalar(2, 2)) == {"{}": [2.0, 4.0]}
    with pytest.raises(EvaluationError, match="same labelset"):
        applied("*", vector({"x": [1.0, 1.0], "y": [None, 2.0]}), scalar(2, 2))


def test_vectors_match_by_all_labels_but_the_name():
    assert applied("/", USED, SIZE) == {'{host="a"}': [0.5, None, None], '{host="b"}': [1.5, None, 2.0]}


def test_a_comparison_keeps_the_left_sides_labels_and_values():
    assert applied(">", USED, SIZE) == {'used{host="b"}': [6.0, None, 8.0]}
    assert applied("<", SIZE, USED) == {'size{host="b"}': [4.0, None, 4.0]}


def test_one_to_one_only_the_labels_compared_are_left():
    left, right = vector({'l{host="a",n="1"}': [3.0]}), vector({'r{host="a",n="2"}': [2.0]})
    assert applied("+", left, right, Matching(("host",), on=True)) == {'{host="a"}': [5.0]}
    assert applied("+", left, right, Matching(("n",))) == {'{host="a"}': [5.0]}
    assert applied(">", left, right, Matching(("host",), on=True)) == {'{host="a"}': [3.0]}
    assert applied(">", left, right, Matching(("n",))) == {'l{host="a"}': [3.0]}
    assert applied("+", left, right, Matching((), on=True)) == {"{}": [5.0]}
    assert applied("+", left, right) == {}


def test_an_empty_side_gives_nothing():
    assert applied("+", USED, Vector.empty(3)) == applied("==", Vector.empty(3), USED) == {}


BY_CPU = vector({'x{cpu="0",host="a",zone="z"}': [1.0], 'x{cpu="1",host="a"}': [2.0], 'x{cpu="0",host="b"}': [3.0]})
INFO = vector({'info{host="a",os="linux"}': [10.0], 'info{host="b",os="bsd",zone="y"}': [100.0]})
BY_HOST = Matching(("host",), on=True, group="left")


def test_many_series_keep_their_labels():
    assert applied("*", BY_CPU, INFO, BY_HOST) == {
        '{cpu="0",host="a",zone="z"}': [10.0],
        '{cpu="1",host="a"}': [20.0],
        '{cpu="0",host="b"}': [300.0],
    }


def test_labels_are_copied_from_the_one_side_or_removed_if_it_has_none():
    include = Matching(("host",), on=True, group="left", include=("os", "zone"))
    assert applied("*", BY_CPU, INFO, include) == {
        '{cpu="0",host="a",os="linux"}': [10.0],
        '{cpu="1",host="a",os="linux"}': [20.0],
        '{cpu="0",host="b",os="bsd",zone="y"}': [300.0],
    }


def test_with_group_right_the_operands_keep_their_sides():
    grouped = Matching(("host",), on=True, group="right", include=("os",))
    divided = applied("/", INFO, BY_CPU, grouped)
    assert divided['{cpu="1",host="a",os="linux"}'] == [5.0]
    assert applied(">", INFO, BY_CPU, grouped)['x{cpu="1",host="a",os="linux"}'] == [10.0]


def test_the_metric_name_can_be_copied_as_well():
    named = Matching(("host",), on=True, group="left", include=("__name__",))
    assert 'info{cpu="1",host="a"}' in applied("*", BY_CPU, INFO, named)


def test_a_one_side_that_follows_itself_under_other_labels_is_one():
    pods = vector({'info{host="a",pod="1"}': [1.0, None, None], 'info{host="a",pod="2"}': [None, None, 2.0]})
    steady = vector({'x{host="a"}': [5.0, 6.0, 7.0]})
    assert applied("*", steady, pods, Matching(("host",), on=True)) == {'{host="a"}': [5.0, None, 14.0]}
    assert applied("*", steady, pods, BY_HOST) == {'{host="a"}': [5.0, None, 14.0]}
    assert applied("*", steady, pods, Matching(("host",), on=True, group="left", include=("pod",))) == {
        '{host="a",pod="1"}': [5.0, None, None],
        '{host="a",pod="2"}': [None, None, 14.0],
    }


TWO = vector({'t{host="a",n="1"}': [1.0, 1.0], 't{host="a",n="2"}': [None, 5.0]})
ONE = vector({'o{host="a"}': [3.0, 3.0]})
ON_HOST = Matching(("host",), on=True)


def test_two_on_the_one_side_are_refused():
    reason = (
        r'found duplicate series for the match group \{host="a"\} on the right hand-side of the operation: '
        r'\[t\{host="a",n="2"\}, t\{host="a",n="1"\}\];many-to-many matching not allowed'
    )
    with pytest.raises(EvaluationError, match=reason):
        applied("+", ONE, TWO, ON_HOST)
    with pytest.raises(EvaluationError, match="on the left hand-side"):
        applied("+", TWO, ONE, Matching(("host",), on=True, group="right"))


def test_two_on_the_one_side_are_refused_even_if_nothing_matches_them():
    with pytest.raises(EvaluationError, match="found duplicate series"):
        applied("+", vector({'o{host="b"}': [1.0, 1.0]}), TWO, ON_HOST)


def test_nothing_is_wrong_at_instants_at_which_a_side_is_empty():
    assert applied("+", vector({'o{host="a"}': [3.0, None]}), TWO, ON_HOST) == {'{host="a"}': [4.0, None]}
    assert applied("+", TWO, vector({'o{host="a"}': [3.0, None]}), ON_HOST) == {'{host="a"}': [4.0, None]}


def test_many_to_one_must_be_asked_for():
    with pytest.raises(EvaluationError, match=r"many-to-one matching must be explicit \(group_left/group_right\)"):
        applied("+", TWO, ONE, ON_HOST)
    assert len(applied("+", TWO, ONE, BY_HOST)) == 2


@pytest.mark.parametrize("matching", [ON_HOST, Matching(("host",), on=True, group="left", include=("n",))])
def test_samples_that_a_comparison_drops_count_for_newer_servers(matching):
    with pytest.raises(EvaluationError, match="multiple matches for labels"):
        binary(">", TWO, ONE, matching, False)
    older = binary(">", TWO, ONE, matching, False, counts_filtered=False)
    assert list(rows_of(older).values()) == [[None, 5.0]]


def test_grouping_labels_must_tell_the_many_apart():
    with pytest.raises(EvaluationError, match="grouping labels must ensure unique matches"):
        applied("*", TWO, ONE, Matching(("host",), on=True, group="left", include=("n",)))


def test_results_of_different_matches_must_differ_as_well():
    by_name = Matching(("__name__",), on=True, group="left")
    many, one = vector({"x": [1.0, 1.0], "y": [None, 2.0]}), vector({'x{n="1"}': [1.0, 1.0], 'y{n="1"}': [1.0, 1.0]})
    with pytest.raises(EvaluationError, match="same labelset"):
        applied("*", many, one, by_name)
    assert applied(">=", many, one, by_name) == {"x": [1.0, 1.0], "y": [None, 2.0]}


def test_too_many_pairs_are_refused():
    with pytest.raises(SeriesLimitExceeded):
        binary("+", BY_CPU, INFO, BY_HOST, False, max_points=2)
    assert isinstance(binary("+", BY_CPU, INFO, BY_HOST, False, max_points=sys.maxsize), Vector)


def test_minus_drops_the_name():
    negated = negate(vector({"x": [1.0, None, inf]}))
    assert rows_of(negated) == {"{}": [-1.0, None, -inf]}
    assert isinstance(negate(scalar(1)), Scalar)


def test_minus_refuses_series_that_become_equal_even_if_they_never_meet():
    with pytest.raises(EvaluationError, match="same labelset"):
        negate(vector({"x": [1.0, None], "y": [None, 2.0]}))
