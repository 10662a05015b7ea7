import numpy as np
import pytest

from pronoia.promql.instant_functions.absent import absent, absent_over_time, labels_of_matchers
from pronoia.promql.selector import parse_selector
from pronoia.promql.vector import Vector
from pronoia.promql.windows import windows_over
from pronoia.series import LabelSet, SeriesFrame

DOWN = LabelSet({"job": "node"})


def test_it_is_one_where_no_series_is_present():
    present = np.array([[True, False, False], [False, True, False]])
    vector = Vector((LabelSet({"i": "0"}), LabelSet({"i": "1"})), np.full((2, 3), np.nan), present)
    result = absent(vector, DOWN)
    assert result.labels == (DOWN,)
    assert result.present.tolist() == [[False, False, True]]
    assert result.values[0, 2] == 1.0


def test_no_series_at_all_is_absence_at_every_instant():
    assert absent(Vector.empty(2), DOWN).present.tolist() == [[True, True]]


def test_over_time_every_window_must_be_empty():
    frame = SeriesFrame.from_series({LabelSet({"i": "0"}): ([10], [1.0]), LabelSet({"i": "1"}): ([30], [1.0])})
    times = np.array([10, 20, 30, 60], np.int64)
    result = absent_over_time(windows_over(frame, times, times, 10, left_open=True), DOWN)
    assert result.labels == (DOWN,)
    assert result.present.tolist() == [[False, True, False, True]]
    assert result.values[result.present].tolist() == [1.0, 1.0]


def test_over_time_no_series_at_all_is_absence():
    times = np.array([10, 20], np.int64)
    windows = windows_over(SeriesFrame.empty(), times, times, 10, left_open=True)
    assert absent_over_time(windows, DOWN).present.tolist() == [[True, True]]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ('up{a="1",b!="2",c=~"3",d!~"4"}', {"a": "1"}),
        ('{__name__="up",a="1"}', {"a": "1"}),
        ('up{a="1",a="1",b="2"}', {"b": "2"}),
        ('up{a="1",a=~"1"}', {}),
        ('up{a=~"1",a="2"}', {"a": "2"}),
        ('up{a=""}', {}),
    ],
)
def test_labels_come_from_the_matchers_for_equality(selector: str, expected: dict[str, str]):
    assert labels_of_matchers(parse_selector(selector)) == LabelSet(expected)
