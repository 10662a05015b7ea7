from functools import partial

import pytest

from pronoia.promql.range_functions.rates import delta, idelta, increase, irate, rate
from support.promql_windows import INF, NAN, every, over, told, windows_of

ALL = pytest.mark.parametrize("function", [rate, increase, delta, irate, idelta])


def test_the_increase_reaches_to_both_ends_of_the_window_if_they_are_about_an_interval_away():
    # Sampled from 10 s to 50 s, the window goes from 0 s to 60 s.
    windows = windows_of(every(10, 100, 110, 120, 130, 140), at=[60], range_seconds=60)
    assert told(increase(windows)) == [[40 * 60 / 40]]
    assert told(rate(windows)) == [[40 * 60 / 40 / 60]]
    assert told(delta(windows)) == [[40 * 60 / 40]]


def test_a_boundary_more_than_a_tenth_over_an_interval_away_is_reached_by_half_an_interval_only():
    windows = windows_of(every(10, 100, 110, 120, start=11.1), at=[42], range_seconds=42)
    # 11.1 s before the first sample is too far away (but was not at 10.9 s), 10.9 s after the last is not.
    assert told(increase(windows)) == [[pytest.approx(20 * (20 + 5 + 10.9) / 20)]]
    windows = windows_of(every(10, 100, 110, 120, start=10.9), at=[42], range_seconds=42)
    assert told(increase(windows)) == [[pytest.approx(20 * (20 + 10.9 + 5) / 20)]]


def test_a_boundary_exactly_a_tenth_over_an_interval_away_is_too_far():
    windows = windows_of(every(5, 100, 105, 110, start=5.5), at=[15.5], range_seconds=15.5)
    assert told(increase(windows)) == [[10 * (10 + 2.5) / 10]]


def test_no_counter_is_extrapolated_below_zero_but_a_gauge_is():
    # It was zero two seconds before its first sample.
    windows = windows_of(every(10, 2, 12, 22), at=[30], range_seconds=30)
    assert told(increase(windows)) == [[pytest.approx(22)]]
    assert told(delta(windows)) == [[30.0]]


@pytest.mark.parametrize("values", [(-5, 5, 15), (NAN, 5, 15)], ids=["negative", "NaN"])
def test_counters_that_are_none_have_no_zero_point(values: tuple[float, ...]):
    assert str(over(increase, *values)) == str(over(delta, *values))


def test_a_young_counter_reaches_half_an_interval_back_and_before_2_51_to_its_zero_point():
    # As 2.42 itself answers; the zero point lies 8 s before the first sample, the window begins 60 s before it.
    windows = windows_of(every(10, 8, 18, 28, 38, 48, 58, 68, start=60), at=[120], range_seconds=120)
    assert told(increase(windows)) == [[pytest.approx(60 * 65 / 60)]]
    assert told(increase(windows, zero_point_first=True)) == [[pytest.approx(68)]]
    assert told(rate(windows, zero_point_first=True)) == [[pytest.approx(0.5666666666666667)]]


def test_before_2_51_a_zero_point_far_away_does_not_count():
    windows = windows_of(every(10, 12, 22, 32, start=60), at=[80], range_seconds=80)
    assert told(increase(windows)) == told(increase(windows, zero_point_first=True)) == [[20 * 25 / 20]]


def test_a_fall_of_a_counter_is_a_reset_to_zero():
    # 1000 -> 1010, 0 -> 5 -> 15, 0 -> 3; as a gauge it fell.
    values = 1000, 1010, 5, 15, 3
    assert over(increase, *values) == pytest.approx((10 + 5 + 10 + 3) * 50 / 40)
    assert over(delta, *values) == pytest.approx((3 - 1000) * 50 / 40)


def test_a_reset_counts_in_the_windows_that_hold_both_its_sides():
    samples = every(10, 100, 110, 20, 30, 40, 5)
    windows = windows_of(samples, at=[20, 30, 40, 50, 60, 60], range_seconds=20)
    # The last two are the same window, as a fixed time makes them.
    assert told(increase(windows)) == [[20, 40, 20, 20, 10, 10]]


def test_a_fall_from_one_series_to_the_next_is_no_reset():
    windows = windows_of(every(10, 500, 510), every(10, 100, 110), {}, every(10, 1, 0), at=[20], range_seconds=20)
    assert told(increase(windows)) == [[20], [20], [None], [0]]


def test_windows_end_before_the_instant_by_the_offset():
    windows = windows_of(every(10, 100, 110, 120), at=[1030], range_seconds=30, offset_seconds=1000)
    assert told(increase(windows)) == [[30]]


def test_a_closed_window_may_begin_with_a_sample():
    windows = windows_of(every(10, 100, 110, 120), at=[30], range_seconds=20, closed=True)
    assert told(increase(windows)) == [[20]]


@ALL
def test_one_sample_gives_nothing(function):
    assert told(function(windows_of({15: 5.0}, {}, at=[10, 20, 90], range_seconds=20))) == [[None] * 3] * 2


@pytest.mark.parametrize("function", [rate, increase, partial(rate, zero_point_first=True)])
def test_a_constant_counter_does_not_move(function):
    assert over(function, 0, 0, 0) == over(function, 7, 7, 7) == 0


def test_nan_makes_a_rate_nan_only_at_the_ends_of_a_window():
    assert str(over(rate, NAN, 1, 2)) == str(over(rate, 1, 2, NAN)) == "nan"
    assert over(increase, 10, NAN, 12) == 3


def test_infinite_samples_are_infinitely_far_away():
    assert over(increase, 0, INF) == INF
    assert str(over(increase, INF, INF)) == "nan"


def test_the_newest_two_samples_alone_count_for_irate_and_idelta():
    assert over(irate, 1000, 10, 30) == 2
    assert over(idelta, 1000, 10, 30) == 20
    assert over(idelta, 10, 30, 5) == -25


def test_after_a_reset_irate_takes_the_newest_value():
    assert over(irate, 10, 30, 5) == 0.5
    assert over(irate, 10, 5, 5) == 0


def test_nan_is_no_reset_for_irate():
    assert str(over(irate, NAN, 5)) == str(over(irate, 5, NAN)) == "nan"
