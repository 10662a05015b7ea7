import numpy as np
import pytest

from pronoia.promql.range_functions.quantile_over_time import mad_over_time, quantile_over_time
from support.promql_windows import INF, NAN, every, over, told, windows_of


def quantile(share: float, *values: float) -> float | None:
    return over(quantile_over_time, *values, scalars=[share])


def test_a_quantile_lies_between_two_samples():
    assert quantile(0.5, 3, 1, 2) == 2
    assert quantile(0.5, 4, 1, 3, 2) == 2.5
    assert quantile(0.1, 10, 0) == pytest.approx(1)
    assert [quantile(share, 4, 1, 3, 2) for share in (0, 1)] == [1, 4]
    assert quantile(0.3, 7) == 7


def test_a_share_that_is_none_gives_infinity_or_nan():
    assert quantile(-0.1, 1, 2) == -INF
    assert quantile(1.1, 1, 2) == INF
    assert str(quantile(NAN, 1, 2)) == "nan"


def test_nan_counts_as_the_smallest_value():
    # As 2.42 itself answers.
    values = NAN, 1, NAN, 3, 2
    assert [str(quantile(share, *values)) for share in (0.1, 0.5, 1)] == ["nan", "1.0", "3.0"]


def test_interpolation_beside_infinity_is_nan_as_it_is_in_prometheus():
    assert str(quantile(0.5, INF, 1, 2)) == "nan"
    assert quantile(0.25, INF, 1, INF, 2, INF, 3) == pytest.approx(2.25)


def test_the_share_may_differ_from_instant_to_instant():
    windows = windows_of(every(10, 1, 2, 3), at=[30, 30, 30], range_seconds=30)
    assert told(quantile_over_time(windows, np.array([0.0, 0.5, 2.0]))) == [[1, 2, INF]]


def test_samples_come_and_go_as_the_window_moves():
    windows = windows_of(every(10, 5, 1, 5, NAN, 3, 3), every(10, 2), at=range(10, 81, 10), range_seconds=30)
    median, largest = (told(quantile_over_time(windows, np.full(8, share))) for share in (0.5, 1))
    assert str(median[0]) == "[5.0, 3.0, 5.0, 1.0, 3.0, 3.0, 3.0, 3.0]"
    assert str(largest[0]) == "[5.0, 5.0, 5.0, 5.0, 5.0, 3.0, 3.0, 3.0]"
    assert median[1] == largest[1] == [2, 2, 2, None, None, None, None, None]


def test_windows_may_leave_out_samples_between_them():
    windows = windows_of(every(10, 9, 1, 7, 2, 3), every(10, 4), at=[20, 50], range_seconds=10)
    assert told(quantile_over_time(windows, np.full(2, 0.5))) == [[1, 3], [None, None]]


def test_mad_is_the_median_distance_from_the_median():
    # Median 2; distances 1 1 0 0 2 4 7, in order 0 0 1 1 2 4 7.
    assert over(mad_over_time, 1, 1, 2, 2, 4, 6, 9) == 1
    assert over(mad_over_time, 1, 2, 4, 8) == 1.5
    assert over(mad_over_time, 5) == 0


def test_mad_counts_nan_as_the_smallest_distance():
    # Median of NaN 1 2 3 is 1.5, distances NaN 0.5 0.5 1.5.
    assert over(mad_over_time, NAN, 1, 2, 3) == 0.5
    assert str(over(mad_over_time, NAN, NAN, 1)) == "nan"


def test_mad_beside_infinity():
    # The median of an odd number beside infinity is NaN; an infinite median is NaN away from itself.
    assert str(over(mad_over_time, 1, INF, INF)) == "nan"
    assert str(over(mad_over_time, 1, INF, INF, INF)) == "nan"
    assert over(mad_over_time, -INF, 1, 2, 3, 3, INF) == 1


@pytest.mark.parametrize("function", [mad_over_time, lambda windows: quantile_over_time(windows, np.zeros(1))])
def test_an_empty_window_gives_nothing(function):
    assert told(function(windows_of({}, {5: 1.0}, at=[30], range_seconds=20))) == [[None], [None]]
