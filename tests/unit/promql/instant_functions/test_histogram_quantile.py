"""Expected values are computed by hand from the rule, linear inside of a bucket."""

import numpy as np
import pytest

from pronoia.errors import EvaluationError
from pronoia.promql.instant_functions.histogram_quantile import histogram_quantile
from pronoia.promql.vector import Scalar, Vector
from pronoia.series import LabelSet

NAN, INF = float("nan"), float("inf")
LATENCY = {"0.1": 1.0, "0.5": 3.0, "1": 3.0, "+Inf": 4.0}


def buckets(counts: dict[str, float]) -> Vector:
    labels = tuple(LabelSet({"__name__": "x_bucket", "le": bound}) for bound in counts)
    values = np.array(list(counts.values()))[:, np.newaxis]
    return Vector(labels, values, np.ones(values.shape, np.bool_))


def quantile(phi: float, counts: dict[str, float]) -> float:
    result = histogram_quantile(Scalar(np.array([phi])), buckets(counts))
    assert result.labels == (LabelSet(),)
    assert result.present.all()
    return result.values.item()


@pytest.mark.parametrize(
    ("phi", "expected"),
    [(0.0, 0.0), (0.125, 0.05), (0.25, 0.1), (0.5, 0.3), (0.75, 0.5), (0.9, 1.0), (1.0, 1.0), (-0.1, -INF), (1.1, INF)],
)
def test_the_quantile_is_linear_inside_of_a_bucket(phi: float, expected: float):
    assert quantile(phi, LATENCY) == pytest.approx(expected, rel=1e-15)


def test_phi_may_be_nan():
    assert np.isnan(quantile(NAN, LATENCY))


@pytest.mark.parametrize(
    "counts",
    [{"1": 1.0, "2": 2.0}, {"+Inf": 5.0}, {"+Inf": 5.0, "Inf": 1.0}, {"1": 0.0, "+Inf": 0.0}, {"1": NAN, "+Inf": 0.0}],
    ids=["no +Inf", "one bucket", "one bucket twice", "no observations", "none in the end"],
)
def test_what_has_no_quantile_is_nan(counts: dict[str, float]):
    assert np.isnan(quantile(0.5, counts))


def test_phi_out_of_range_needs_no_valid_histogram():
    assert quantile(2.0, {"1": 1.0}) == INF


def test_the_lowest_bucket_begins_at_zero_unless_its_bound_is_not_above():
    assert quantile(0.25, {"2": 2.0, "+Inf": 4.0}) == 1.0
    assert quantile(0.25, {"-2": 2.0, "+Inf": 4.0}) == -2.0
    assert quantile(0.25, {"0": 2.0, "+Inf": 4.0}) == 0.0


def test_the_zero_quantile_lies_in_the_first_bucket_even_if_that_is_empty():
    # Not the first one that holds something: Prometheus divides zero by zero here.
    assert np.isnan(quantile(0.0, {"1": 0.0, "2": 0.0, "+Inf": 5.0}))


def test_buckets_of_equal_bounds_are_added_up():
    assert quantile(0.5, {"1": 1.0, "1.0": 1.0, "2": 4.0, "+Inf": 4.0}) == 1.0


def test_counts_that_fall_are_lifted():
    assert quantile(0.5, {"1": 4.0, "2": 1.0, "+Inf": 4.0}) == 0.5


def test_counts_that_differ_by_rounding_are_equal():
    # Taken as they are, the last 1e-13 of the observations would lie between 10 and 100.
    counts = {"1": 0.9, "10": 1.0, "100": 1.0 + 1e-13, "+Inf": 1.0 + 1e-13}
    assert quantile(1.0, counts) == 10.0
    assert quantile(1.0, {**counts, "100": 1.0 + 1e-9, "+Inf": 1.0 + 1e-9}) == 100.0


def test_each_instant_has_its_own_phi_and_its_own_buckets():
    values = np.array([[1.0, 1.0, 1.0, 9.0], [3.0, 3.0, 9.0, 9.0], [4.0, 4.0, 4.0, 9.0]])
    present = np.array([[True, True, True, False], [True, True, False, False], [True, True, True, False]])
    labels = tuple(LabelSet({"le": bound}) for bound in ("1", "3", "+Inf"))
    result = histogram_quantile(Scalar(np.array([0.5, 0.25, 1.0, 0.5])), Vector(labels, values, present))
    assert result.present.tolist() == [[True, True, True, False]]
    assert result.values[0, :3].tolist() == [2.0, 1.0, 1.0]


def test_histograms_that_differ_by_name_are_refused():
    labels = [LabelSet({"__name__": name, "le": bound}) for name in ("x", "y") for bound in ("1", "+Inf")]
    both = Vector(tuple(labels), np.ones((4, 1)), np.ones((4, 1), np.bool_))
    with pytest.raises(EvaluationError, match="same labelset"):
        histogram_quantile(Scalar(np.array([0.5])), both)


def test_no_buckets_give_no_series():
    assert histogram_quantile(Scalar(np.array([0.5, 0.5])), Vector.empty(2)).n_series == 0
