"""Expected values are computed by hand from the rule, linear inside of a bucket."""

import numpy as np
import pytest

from pronoia.promql.instant_functions.histogram_fraction import histogram_fraction
from pronoia.promql.vector import Scalar, Vector
from pronoia.series import LabelSet

NAN, INF = float("nan"), float("inf")
POSITIVE = {"1": 1.0, "3": 3.0, "+Inf": 4.0}
NEGATIVE = {"-2": 1.0, "0": 3.0, "+Inf": 4.0}


def fraction(lower: float, upper: float, counts: dict[str, float]) -> float:
    labels = tuple(LabelSet({"__name__": "x_bucket", "le": bound}) for bound in counts)
    values = np.array(list(counts.values()))[:, np.newaxis]
    buckets = Vector(labels, values, np.ones(values.shape, np.bool_))
    result = histogram_fraction(Scalar(np.array([lower])), Scalar(np.array([upper])), buckets)
    assert result.labels == (LabelSet(),)
    assert result.present.all()
    return result.values.item()


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (0.0, 1.0, 0.25),
        (-INF, 2.0, 0.5),
        (0.5, 2.0, 0.375),
        (-INF, INF, 1.0),
        (3.0, INF, 0.25),
        # Where observations lie in the bucket without end is not known: above every number in it.
        (3.0, 1000.0, 0.0),
        (1000.0, INF, 0.25),
        (2.0, 2.0, 0.0),
        (2.0, 1.0, 0.0),
        (-5.0, -1.0, 0.0),
    ],
)
def test_the_fraction_is_linear_inside_of_a_bucket(lower: float, upper: float, expected: float):
    assert fraction(lower, upper, POSITIVE) == expected


@pytest.mark.parametrize(
    ("lower", "upper", "expected"), [(-INF, -1.0, 0.5), (-INF, -5.0, 0.25), (-5.0, -2.0, 0.0), (-1.0, 5.0, 0.25)]
)
def test_observations_below_a_bound_that_is_not_positive_lie_below_every_number(
    lower: float, upper: float, expected: float
):
    assert fraction(lower, upper, NEGATIVE) == expected


@pytest.mark.parametrize(
    ("lower", "upper", "counts"),
    [(NAN, 1.0, POSITIVE), (1.0, NAN, POSITIVE), (0.0, 1.0, {"1": 1.0, "2": 1.0}), (0.0, 1.0, {"1": 0.0, "+Inf": 0.0})],
)
def test_what_has_no_fraction_is_nan(lower: float, upper: float, counts: dict[str, float]):
    assert np.isnan(fraction(lower, upper, counts))


def test_buckets_of_equal_bounds_are_added_up():
    assert fraction(0.0, 1.0, {"1": 1.0, "1.0": 1.0, "+Inf": 4.0}) == 0.5


def test_only_buckets_present_at_an_instant_count():
    labels = tuple(LabelSet({"le": bound}) for bound in ("1", "2", "+Inf"))
    present = np.array([[True, True, False], [True, False, False], [True, True, False]])
    buckets = Vector(labels, np.array([[1.0] * 3, [4.0] * 3, [4.0] * 3]), present)
    result = histogram_fraction(Scalar(np.zeros(3)), Scalar(np.full(3, 2.0)), buckets)
    assert result.present.tolist() == [[True, True, False]]
    assert result.values[0, :2].tolist() == [1.0, 0.25]
