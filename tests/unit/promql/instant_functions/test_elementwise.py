"""Expected values are a real Prometheus' answers."""

import numpy as np
import pytest

from pronoia.promql.instant_functions.elementwise import ELEMENTWISE, clamp, clamp_max, clamp_min, round_to
from pronoia.promql.vector import Scalar, Vector
from pronoia.series import LabelSet

NAN, INF = float("nan"), float("inf")


def one(value: float) -> Vector:
    return Vector((LabelSet(),), np.array([[value]]), np.array([[True]]))


def number(value: float) -> Scalar:
    return Scalar(np.array([value]))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("abs", -1.5, 1.5),
        ("ceil", -1.5, -1.0),
        ("floor", -1.5, -2.0),
        ("exp", 800.0, INF),
        ("ln", 0.0, -INF),
        ("ln", -1.0, NAN),
        ("log2", 8.0, 3.0),
        ("log10", 1000.0, 3.0),
        ("sqrt", -1.0, NAN),
        ("sgn", -INF, -1.0),
        ("sgn", 0.0, 0.0),
        ("sgn", NAN, NAN),
        ("acos", 2.0, NAN),
        ("atanh", 1.0, INF),
        ("deg", np.pi, 180.0),
        ("rad", 180.0, np.pi),
    ],
)
def test_functions_of_one_value(name: str, value: float, expected: float):
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(ELEMENTWISE[name](np.array([value])), [expected])


def test_the_sign_of_zero_is_kept():
    assert np.signbit(ELEMENTWISE["sgn"](np.array([-0.0])))


@pytest.mark.parametrize(
    ("value", "to", "expected"),
    [(2.5, 1.0, 3.0), (-2.5, 1.0, -2.0), (0.29, 0.01, 0.29), (7.0, 5.0, 5.0), (2.5, -2.0, 2.0), (2.5, 0.0, NAN)],
)
def test_rounding_takes_ties_upwards(value: float, to: float, expected: float):
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(round_to(one(value), number(to)).values, [[expected]])


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (5.0, 0.0, 3.0, 3.0),
        (-5.0, 0.0, 3.0, 0.0),
        (3.0, NAN, 5.0, NAN),
        (3.0, 0.0, NAN, NAN),
        (NAN, 0.0, INF, NAN),
        # Nothing passes an infinity, not even NaN.
        (NAN, INF, INF, INF),
        (NAN, -INF, -INF, -INF),
    ],
)
def test_clamping(value: float, low: float, high: float, expected: float):
    result = clamp(one(value), number(low), number(high))
    np.testing.assert_array_equal(result.values, [[expected]])
    assert result.present.all()


def test_an_infinite_value_is_its_own_bound():
    assert clamp_max(one(-INF), number(NAN)).values.tolist() == [[-INF]]
    assert clamp_min(one(INF), number(NAN)).values.tolist() == [[INF]]
