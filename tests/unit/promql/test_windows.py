import numpy as np
import pytest

from pronoia.promql.windows import windows_over
from pronoia.series import LabelSet, SeriesFrame

FRAME = SeriesFrame.from_series(
    {
        LabelSet({"i": "0"}): ([10, 20, 30, 40], [1.0, 2.0, 3.0, 4.0]),
        LabelSet({"i": "1"}): ([], []),
        LabelSet({"i": "2"}): ([25], [5.0]),
    }
)


def values_in(left_open: bool, ends: list[int], range_ms: int = 20) -> list[list[list[float]]]:
    at = np.array(ends, np.int64)
    windows = windows_over(FRAME, at, at, range_ms, left_open=left_open)
    return [
        [windows.values[low:high].tolist() for low, high in zip(first, last, strict=True)]
        for first, last in zip(windows.first, windows.last, strict=True)
    ]


def test_a_window_includes_its_right_end_and_leaves_out_its_left_end():
    assert values_in(True, [30, 40]) == [[[2.0, 3.0], [3.0, 4.0]], [[], []], [[5.0], [5.0]]]


def test_a_closed_window_includes_both_ends():
    assert values_in(False, [30])[0] == [[1.0, 2.0, 3.0]]


@pytest.mark.parametrize("left_open", [True, False])
def test_windows_outside_the_samples_are_empty(left_open: bool):
    assert values_in(left_open, [5, 100]) == [[[], []], [[], []], [[], []]]


def test_windows_may_repeat_as_a_fixed_time_makes_them():
    assert values_in(True, [20, 20])[0] == [[1.0, 2.0], [1.0, 2.0]]
