import numpy as np
import pytest

from pronoia.promql.range_functions.regression import deriv, predict_linear
from support.promql_windows import INF, NAN, every, over, told, windows_of


def test_deriv_is_the_slope_per_second_of_the_least_squares_line():
    assert over(deriv, 0, 10, 20) == 1
    # Means 20 s and 2; sum of (x - 20)(y - 2) = 30, of (x - 20)^2 = 200.
    assert over(deriv, 1, 1, 4) == pytest.approx(30 / 200)


def test_the_slope_keeps_its_digits_at_present_timestamps():
    windows = windows_of(every(0.001, 0.0, 1.0, 2.0, start=1_700_000_000), at=[1_700_000_001], range_seconds=10)
    assert told(deriv(windows)) == [[pytest.approx(1000, rel=1e-12)]]


def test_predict_linear_looks_ahead_from_the_instant_of_evaluation():
    windows = windows_of(every(10, 0, 10, 20), at=[35, 40], range_seconds=35)
    # The line is at second 35 and 40 at 25 and 30; the scalar may differ from instant to instant.
    assert told(predict_linear(windows, np.array([60.0, -30.0]))) == [[pytest.approx(85), pytest.approx(0)]]


def test_predict_linear_looks_ahead_from_the_instant_and_not_from_where_the_window_ends():
    windows = windows_of(every(10, 0, 10, 20), at=[130], range_seconds=30, offset_seconds=100)
    assert told(predict_linear(windows, np.array([0.0]))) == [[pytest.approx(120)]]


def test_what_does_not_move_has_exactly_no_slope():
    assert over(deriv, 0.1, 0.1, 0.1) == 0
    assert over(predict_linear, 0.1, 0.1, 0.1, scalars=[1e9]) == 0.1


@pytest.mark.parametrize("values", [(INF, INF, INF), (INF, 1, 2), (1, NAN, 2), (NAN, NAN)])
def test_no_line_goes_through_infinity_or_nan(values: tuple[float, ...]):
    assert str(over(deriv, *values)) == str(over(predict_linear, *values, scalars=[1])) == "nan"


def test_one_sample_gives_nothing():
    windows = windows_of({15: 5.0}, {}, at=[20, 90], range_seconds=20)
    assert told(deriv(windows)) == told(predict_linear(windows, np.zeros(2))) == [[None] * 2] * 2
