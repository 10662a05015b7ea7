import math

import pytest

from pronoia.promql.range_functions import over_time
from pronoia.promql.range_functions.over_time import (
    avg_over_time,
    count_over_time,
    first_over_time,
    last_over_time,
    present_over_time,
    stddev_over_time,
    stdvar_over_time,
    sum_over_time,
    ts_of_first_over_time,
    ts_of_last_over_time,
)
from support.promql_windows import INF, NAN, every, over, told, windows_of

LARGEST = 1.7e308
ALL = [getattr(over_time, name) for name in dir(over_time) if name.endswith("_over_time")]


def test_each_puts_a_window_together_in_its_way():
    values = 2, 4, 4, 4, 5, 5, 7, 9
    assert over(sum_over_time, *values) == 40
    assert over(avg_over_time, *values) == 5
    assert over(stdvar_over_time, *values) == 4
    assert over(stddev_over_time, *values) == 2
    assert over(count_over_time, *values) == 8
    assert over(present_over_time, *values) == 1
    assert over(first_over_time, *values) == 2
    assert over(last_over_time, *values) == 9
    assert over(ts_of_first_over_time, *values) == 10
    assert over(ts_of_last_over_time, *values) == 80


@pytest.mark.parametrize("function", ALL)
def test_one_sample_is_enough_and_none_gives_nothing(function):
    (some, none) = told(function(windows_of({15.25: 5.0}, {}, at=[20, 90], range_seconds=20)))
    assert some[0] is not None
    assert some[1:] + none == [None] * 3


def test_windows_overlap():
    windows = windows_of(every(10, 1, 2, 3, 4), every(20, 10, 20), at=[10, 20, 30, 40, 50], range_seconds=20)
    assert told(sum_over_time(windows)) == [[1, 3, 5, 7, 4], [None, 10, 10, 20, 20]]


def test_small_values_between_large_ones_are_not_lost():
    values = 1, 1e100, 1, -1e100
    assert over(sum_over_time, *values) == 2
    assert over(avg_over_time, *values) == 0.5
    assert over(stdvar_over_time, 1e9 + 0.1, 1e9 + 0.2) == pytest.approx(0.0025, rel=1e-5)


def test_infinite_values_sum_to_infinity_and_opposite_ones_to_nan():
    assert over(sum_over_time, 1, INF, 2, INF) == over(avg_over_time, 1, INF, 2) == over(avg_over_time, INF, 1) == INF
    assert over(sum_over_time, -INF, 1) == over(avg_over_time, 1, -INF, -INF) == -INF
    assert str(over(sum_over_time, INF, -INF, 2)) == str(over(avg_over_time, INF, -INF, 2)) == "nan"


def test_a_mean_is_finite_where_the_sum_is_not():
    assert over(sum_over_time, LARGEST, LARGEST, LARGEST) == INF
    assert over(avg_over_time, LARGEST, LARGEST, LARGEST) == LARGEST
    assert over(avg_over_time, -LARGEST, -LARGEST, 0) == pytest.approx(-LARGEST / 3 * 2)


@pytest.mark.parametrize("function", [sum_over_time, avg_over_time, stdvar_over_time, stddev_over_time])
def test_nan_is_contagious(function):
    assert math.isnan(over(function, 1, NAN, 2))


def test_infinity_has_no_distance_from_a_mean():
    assert str(over(stdvar_over_time, INF, 1, 2)) == str(over(stddev_over_time, 1, INF)) == "nan"
