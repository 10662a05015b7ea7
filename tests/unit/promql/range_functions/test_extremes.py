import pytest

from pronoia.promql.range_functions.extremes import (
    max_over_time,
    min_over_time,
    ts_of_max_over_time,
    ts_of_min_over_time,
)
from support.promql_windows import INF, NAN, every, over, told, windows_of

ALL = [max_over_time, min_over_time, ts_of_max_over_time, ts_of_min_over_time]


def test_the_largest_and_smallest_value_and_when_they_were_last_seen():
    values = 3, 9, 1, 9, 1, 5
    assert over(max_over_time, *values) == 9
    assert over(min_over_time, *values) == 1
    assert over(ts_of_max_over_time, *values) == 40
    assert over(ts_of_min_over_time, *values) == 50


def test_nan_does_not_count():
    values = NAN, 3, NAN, 1, NAN
    assert [over(function, *values) for function in ALL] == [3, 1, 20, 40]


def test_nan_counts_if_there_is_nothing_else_and_was_last_seen_at_the_end():
    assert str(over(max_over_time, NAN, NAN)) == str(over(min_over_time, NAN, NAN)) == "nan"
    assert over(ts_of_max_over_time, NAN, NAN) == over(ts_of_min_over_time, NAN, NAN) == 20


def test_infinities_are_values():
    assert over(max_over_time, -INF, NAN) == over(min_over_time, -INF, INF) == -INF


def test_a_value_that_has_left_the_window_is_forgotten():
    windows = windows_of(every(10, 9, 1, 5, 4, 3, 8), at=[10, 20, 30, 40, 50, 60, 60], range_seconds=20)
    assert told(max_over_time(windows)) == [[9, 9, 5, 5, 4, 8, 8]]
    assert told(min_over_time(windows)) == [[9, 1, 1, 4, 3, 3, 3]]


def test_windows_may_leave_out_samples_between_them():
    windows = windows_of(every(10, 9, 1, 7, 2, 3), at=[20, 50], range_seconds=10)
    assert told(max_over_time(windows)) == [[1, 3]]


def test_series_do_not_mix():
    windows = windows_of(every(10, 9, 9), every(10, 1, 2), {}, every(10, NAN), at=[10, 20], range_seconds=20)
    assert str(told(max_over_time(windows))) == "[[9.0, 9.0], [1.0, 2.0], [None, None], [nan, nan]]"


@pytest.mark.parametrize("function", ALL)
def test_an_empty_window_gives_nothing(function):
    assert told(function(windows_of({}, {5: 1.0}, at=[30], range_seconds=20))) == [[None], [None]]
