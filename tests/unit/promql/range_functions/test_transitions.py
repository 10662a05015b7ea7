import pytest

from pronoia.promql.range_functions.transitions import changes, resets
from support.promql_windows import NAN, every, over, told, windows_of


def test_resets_are_falls():
    assert over(resets, 5, 3, 3, 4, 0, 1) == 2


def test_changes_are_any_difference():
    assert over(changes, 5, 3, 3, 4, 4) == 2


def test_nan_is_no_reset_and_changes_only_to_something_else():
    # As 2.42 itself answers.
    values = 5, 3, NAN, 2, NAN, NAN, 7
    assert over(resets, *values) == 1
    assert over(changes, *values) == 5


@pytest.mark.parametrize("function", [resets, changes])
def test_a_single_sample_has_none_and_an_empty_window_gives_nothing(function):
    assert told(function(windows_of({15: 5.0}, {}, at=[20, 90], range_seconds=20))) == [[0, None], [None, None]]


@pytest.mark.parametrize("function", [resets, changes])
def test_only_transitions_between_samples_of_the_window_count(function):
    windows = windows_of(every(10, 9, 8, 8, 7), every(10, 1), at=[10, 20, 40, 50], range_seconds=20)
    assert told(function(windows)) == [[0, 1, 1, 0], [0, 0, None, None]]


def test_no_samples_at_all_are_no_error():
    assert told(resets(windows_of({}, at=[1], range_seconds=1))) == [[None]]
    assert told(resets(windows_of(at=[1], range_seconds=1))) == []
