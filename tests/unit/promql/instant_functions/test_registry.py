"""The registry: arguments in PromQL's order, names dropped where Prometheus drops them."""

import numpy as np
import pytest

from pronoia.errors import EvaluationError
from pronoia.promql.instant_functions.instants import Instants
from pronoia.promql.instant_functions.registry import INSTANT_FUNCTIONS, Argument
from pronoia.promql.vector import Scalar, Vector
from pronoia.series import LabelSet

NAN, INF = float("nan"), float("inf")
TIMES = Instants(np.array([0, 1500], np.int64))
ABSENT = None


def series(**rows: list[float | None]) -> Vector:
    """One series for each metric name, absent where the value is None."""
    labels = tuple(LabelSet({"__name__": name, "job": "node"}) for name in rows)
    values = np.array([[0.0 if value is None else value for value in row] for row in rows.values()])
    return Vector(labels, values, np.array([[value is not None for value in row] for row in rows.values()]))


def constant(value: float) -> Scalar:
    return Scalar(np.full(TIMES.n_steps, value))


def call(name: str, *arguments: Argument) -> Vector | Scalar:
    with np.errstate(all="ignore"):
        return INSTANT_FUNCTIONS[name](arguments, TIMES)


def vector(name: str, *arguments: Argument) -> Vector:
    result = call(name, *arguments)
    assert isinstance(result, Vector)
    return result


def scalar(name: str, *arguments: Argument) -> list[float]:
    result = call(name, *arguments)
    assert isinstance(result, Scalar)
    return result.values.tolist()


@pytest.mark.parametrize("name", ["abs", "sgn", "year", "timestamp"])
def test_what_changes_values_drops_the_name_and_keeps_the_gaps(name: str):
    result = vector(name, series(up=[1.0, ABSENT]))
    assert result.labels == (LabelSet({"job": "node"}),)
    assert result.present.tolist() == [[True, False]]


@pytest.mark.parametrize("name", ["sort", "sort_desc", "sort_by_label"])
def test_sorting_keeps_the_name(name: str):
    assert vector(name, series(up=[1.0, 2.0])).labels[0].name == "up"


def test_series_that_differ_by_name_become_one_where_they_do_not_meet():
    result = vector("abs", series(old=[-1.0, ABSENT], new=[ABSENT, -2.0]))
    assert result.values.tolist() == [[1.0, 2.0]]


def test_series_that_differ_by_name_are_refused_where_they_meet():
    with pytest.raises(EvaluationError, match="same labelset"):
        vector("abs", series(old=[1.0, 1.0], new=[ABSENT, 2.0]))


def test_time_and_timestamp_are_seconds_with_fractions():
    assert scalar("time") == [0.0, 1.5]
    assert vector("timestamp", series(up=[7.0, 7.0])).values.tolist() == [[0.0, 1.5]]


def test_pi_is_the_same_at_every_instant():
    assert scalar("pi") == [np.pi, np.pi]


def test_a_scalar_is_taken_where_one_series_is_alone():
    np.testing.assert_array_equal(scalar("scalar", series(a=[1.0, 2.0], b=[ABSENT, 3.0])), [1.0, NAN])
    np.testing.assert_array_equal(scalar("scalar", series(a=[ABSENT, INF])), [NAN, INF])
    np.testing.assert_array_equal(scalar("scalar", Vector.empty(2)), [NAN, NAN])


def test_a_scalar_as_a_vector_has_no_labels_and_no_gaps():
    result = vector("vector", Scalar(np.array([1.0, NAN])))
    assert result.labels == (LabelSet(),)
    assert result.present.all()
    np.testing.assert_array_equal(result.values, [[1.0, NAN]])


def test_bounds_and_steps_may_change_from_instant_to_instant():
    up = series(up=[2.6, 2.6])
    assert vector("clamp_min", up, Scalar(np.array([1.0, 3.0]))).values.tolist() == [[2.6, 3.0]]
    assert vector("clamp_max", up, Scalar(np.array([1.0, 3.0]))).values.tolist() == [[1.0, 2.6]]
    assert vector("round", up, Scalar(np.array([1.0, 0.5]))).values.tolist() == [[3.0, 2.5]]


def test_clamping_to_bounds_that_cross_leaves_nothing_at_that_instant():
    result = vector("clamp", series(up=[9.0, 9.0]), constant(2.0), Scalar(np.array([1.0, 3.0])))
    assert result.present.tolist() == [[False, True]]
    assert result.values[0, 1] == 3.0


def test_histogram_functions_take_their_scalars_first():
    labels = [LabelSet({"__name__": "x_bucket", "le": bound}) for bound in ("1", "+Inf")]
    buckets = Vector(tuple(labels), np.array([[2.0, 2.0], [4.0, 4.0]]), np.ones((2, 2), np.bool_))
    assert vector("histogram_quantile", constant(0.25), buckets).values.tolist() == [[0.5, 0.5]]
    assert vector("histogram_fraction", constant(0.0), constant(1.0), buckets).values.tolist() == [[0.5, 0.5]]


def test_label_functions_take_their_strings_in_order():
    up = series(up=[1.0, 1.0])
    assert str(vector("label_replace", up, "x", "$1", "job", "(..).*").labels[0]) == 'up{job="node",x="no"}'
    assert str(vector("label_join", up, "x", "-", "job", "__name__").labels[0]) == 'up{job="node",x="node-up"}'
