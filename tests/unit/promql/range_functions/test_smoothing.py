import numpy as np
import pytest

from pronoia.errors import EvaluationError
from pronoia.promql.range_functions.smoothing import double_exponential_smoothing
from support.promql_windows import NAN, every, over, told, windows_of


def smoothed(*values: float, smoothing: float = 0.5, trend: float = 0.5) -> float | None:
    return over(double_exponential_smoothing, *values, scalars=[smoothing, trend])


def test_a_straight_line_stays_one():
    assert smoothed(8, 18, 28, 38, smoothing=0.3, trend=0.7) == pytest.approx(38)


def test_level_and_trend_follow_the_samples():
    # Trend 4 at first: level 0.5 * 4 + 0.5 * (0 + 4) = 4.
    assert smoothed(0, 4) == 4
    # Trend 0.25 * (4 - 0) + 0.75 * 4 = 4: level 0.5 * 0 + 0.5 * (4 + 4) = 4.
    assert smoothed(0, 4, 0, trend=0.25) == 4
    # Trend 0.25 * (4 - 4) + 0.75 * 4 = 3: level 0.5 * 1 + 0.5 * (4 + 3) = 4.
    assert smoothed(0, 4, 0, 1, trend=0.25) == 4


def test_one_sample_gives_nothing():
    assert smoothed(5) is None


@pytest.mark.parametrize(
    ("factors", "message"),
    [((2.0, 0.5), "smoothing factor: expected 0 < sf < 1, got 2"), ((0.5, 0.0), "trend factor: expected 0 < tf < 1")],
)
def test_factors_out_of_range_are_refused_as_soon_as_there_is_a_sample(factors, message):
    windows = windows_of(every(10, 1), at=[5, 15], range_seconds=10)
    good = np.full(2, 0.5)
    wrong_before = tuple(np.array([factor, 0.5]) for factor in factors)
    assert told(double_exponential_smoothing(windows, *wrong_before)) == [[None, None]]
    wrong = tuple(np.array([0.5, factor]) for factor in factors)
    with pytest.raises(EvaluationError, match=message):
        double_exponential_smoothing(windows, *wrong)
    assert told(double_exponential_smoothing(windows, good, good)) == [[None, None]]


def test_nan_is_no_factor_out_of_range():
    assert str(smoothed(1, 2, 3, smoothing=NAN)) == "nan"
