import numpy as np

from pronoia.promql.instant import select_instants
from pronoia.series import STALE_NAN, LabelSet, SeriesFrame

UP = LabelSet({"__name__": "up"})


def instants(times: list[int], values: list[float], at: list[int], lookback_ms: int = 100, *, left_open: bool = True):
    frame = SeriesFrame.from_series({UP: (times, values)})
    selected = select_instants(frame, np.array(at, np.int64), lookback_ms, left_open=left_open)
    present = selected.vector.present[0]
    return [
        (value, int(taken)) if there else None
        for value, taken, there in zip(selected.vector.values[0], selected.sampled_at_ms[0], present, strict=True)
    ]


def test_the_newest_sample_at_or_before_the_instant_counts():
    assert instants([10, 20], [1.0, 2.0], [9, 10, 19, 20, 30]) == [None, (1.0, 10), (1.0, 10), (2.0, 20), (2.0, 20)]


def test_a_sample_exactly_as_old_as_the_lookback_counts_in_closed_ranges_only():
    assert instants([10], [1.0], [109, 110, 111], left_open=True) == [(1.0, 10), None, None]
    assert instants([10], [1.0], [109, 110, 111], left_open=False) == [(1.0, 10), (1.0, 10), None]


def test_a_staleness_marker_ends_the_series_until_it_comes_back():
    assert instants([10, 20, 30], [1.0, STALE_NAN, 3.0], [15, 25, 35]) == [(1.0, 10), None, (3.0, 30)]


def test_a_plain_nan_is_a_value():
    (value, taken), *_ = instants([10], [float("nan")], [10])
    assert np.isnan(value)
    assert taken == 10


def test_a_series_without_samples_is_absent():
    assert instants([], [], [10]) == [None]
