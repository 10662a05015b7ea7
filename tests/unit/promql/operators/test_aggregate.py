import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.promql.operators.aggregate import AGGREGATIONS, aggregate
from pronoia.promql.vector import Vector
from support.promql_vectors import rows_of, scalar, vector

nan, inf = math.nan, math.inf
LOADS = vector(
    {
        'load{cpu="0",host="a"}': [1.0, 4.0, None],
        'load{cpu="0",host="b"}': [None, 10.0, None],
        'load{cpu="1",host="a"}': [3.0, None, None],
    }
)


def over(operator: str, *values: float | None, parameter: float | None = None) -> float:
    """One group at one instant."""
    one = vector({f'x{{n="{n}"}}': [value] for n, value in enumerate(values)})
    result = aggregate(operator, one, None if parameter is None else scalar(parameter), (), False)
    assert result.present.tolist() == [[True]]
    return float(result.values[0, 0])


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("sum", {'{host="a"}': [4.0, 4.0, None], '{host="b"}': [None, 10.0, None]}),
        ("avg", {'{host="a"}': [2.0, 4.0, None], '{host="b"}': [None, 10.0, None]}),
        ("min", {'{host="a"}': [1.0, 4.0, None], '{host="b"}': [None, 10.0, None]}),
        ("max", {'{host="a"}': [3.0, 4.0, None], '{host="b"}': [None, 10.0, None]}),
        ("count", {'{host="a"}': [2.0, 1.0, None], '{host="b"}': [None, 1.0, None]}),
        ("group", {'{host="a"}': [1.0, 1.0, None], '{host="b"}': [None, 1.0, None]}),
        ("stdvar", {'{host="a"}': [1.0, 0.0, None], '{host="b"}': [None, 0.0, None]}),
        ("stddev", {'{host="a"}': [1.0, 0.0, None], '{host="b"}': [None, 0.0, None]}),
    ],
)
def test_each_instant_is_aggregated_over_the_series_present_there(operator, expected):
    assert rows_of(aggregate(operator, LOADS, None, ("host",), False)) == expected
    assert rows_of(aggregate(operator, LOADS, None, ("cpu",), True)) == expected


@pytest.mark.parametrize("operator", sorted(AGGREGATIONS - {"count_values"}))
def test_no_series_give_no_series(operator):
    assert rows_of(aggregate(operator, Vector.empty(2), scalar(1, 1), (), False)) == {}


def test_small_terms_are_not_lost_beside_large_ones():
    assert over("sum", 1e100, 1.0, -1e100) == 1
    assert over("avg", 1e100, 2.0, -1e100, 2.0) == 1


def test_means_are_finite_where_sums_are_not():
    assert over("sum", 1e308, 1e308, -1e308) == inf
    assert over("avg", 1e308, 1e308, 1e308) == pytest.approx(1e308)
    assert over("avg", -1.5e308, -1.5e308) == -1.5e308
    assert over("avg", 1e308, 1e308, -inf) == -inf


@pytest.mark.parametrize("operator", ["sum", "avg"])
def test_infinities_stay_unless_they_oppose_each_other(operator):
    assert over(operator, 1.0, inf, 2.0) == inf
    assert over(operator, -inf) == -inf
    assert over(operator, -inf, -inf, 5.0) == -inf
    assert math.isnan(over(operator, inf, 1.0, -inf))
    assert math.isnan(over(operator, inf, nan))


def test_extremes_prefer_any_number_to_nan():
    assert over("max", nan, -inf) == -inf
    assert over("min", 2.0, nan, 1.0) == 1
    assert math.isnan(over("max", nan, nan))


@pytest.mark.parametrize("operator", ["stddev", "stdvar"])
def test_the_spread_of_what_is_not_finite_is_nan(operator):
    assert math.isnan(over(operator, inf))
    assert math.isnan(over(operator, 1.0, nan, 2.0))


def test_the_spread_is_exact_far_from_zero():
    assert over("stdvar", 1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16) == 22.5


def test_quantiles_are_interpolated_over_what_is_present():
    assert over("quantile", 4.0, 1.0, None, 2.0, parameter=0.5) == 2
    assert over("quantile", 1.0, 2.0, parameter=0.25) == 1.25
    assert over("quantile", 1.0, 2.0, parameter=-0.1) == -inf
    assert over("quantile", 1.0, 2.0, parameter=1.1) == inf
    assert math.isnan(over("quantile", 1.0, 2.0, parameter=nan))


def test_nan_counts_as_the_smallest_value_of_a_quantile():
    assert math.isnan(over("quantile", 1.0, nan, 3.0, parameter=0))
    assert over("quantile", 1.0, nan, 3.0, parameter=0.5) == 1


def test_the_share_of_a_quantile_may_change_from_instant_to_instant():
    steady = vector({'x{n="1"}': [1.0] * 3, 'x{n="2"}': [5.0] * 3})
    assert rows_of(aggregate("quantile", steady, scalar(0, 0.5, 1), (), False)) == {"{}": [1.0, 3.0, 5.0]}


VALUES = st.none() | st.sampled_from([0.0, 1.0, -2.5, 1e300, inf, -inf, nan]) | st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(st.integers(0, 2), st.lists(VALUES, min_size=4, max_size=4)), max_size=8))
def test_what_is_aggregated_together_is_what_numpy_makes_of_each_group_and_instant(rows):
    many = vector({f'x{{g="{g}",n="{n}"}}': row for n, (g, row) in enumerate(rows)}) if rows else Vector.empty(4)
    slow = {"sum": np.sum, "max": np.fmax.reduce, "min": np.fmin.reduce, "count": len, "avg": np.mean, "stdvar": np.var}
    for operator, function in slow.items():
        result = aggregate(operator, many, None, ("g",), False)
        for g, labels in enumerate(result.labels):
            for t in range(4):
                values = [row[t] for group, row in rows if str(group) == labels["g"] and row[t] is not None]
                assert bool(values) == result.present[g, t]
                if values:
                    with np.errstate(all="ignore"):
                        expected = function(np.array(values))
                    if np.isfinite(expected) or operator in {"max", "min"}:
                        assert result.values[g, t] == pytest.approx(expected, rel=1e-9, abs=1e-3, nan_ok=True)
