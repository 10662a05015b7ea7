"""SeriesFrame keeps its promises, and merging frames loses and invents nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.series import LabelSet, SeriesFrame, TimeRange, merge_frames

A, B = LabelSet({"__name__": "a"}), LabelSet({"__name__": "b", "job": "x"})


def frame(series: dict[LabelSet, dict[int, float]]) -> SeriesFrame:
    return SeriesFrame.from_series({k: (sorted(v), [v[t] for t in sorted(v)]) for k, v in series.items()})


def as_dict(it: SeriesFrame) -> dict[LabelSet, dict[int, float]]:
    return {labels: dict(zip(times.tolist(), values.tolist(), strict=True)) for labels, times, values in it}


samples = st.dictionaries(st.integers(-(10**6), 10**6), st.floats(allow_nan=False), max_size=20)
frames = st.dictionaries(st.sampled_from([A, B]), samples, max_size=2).map(frame)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="indptr has shape"):
        SeriesFrame((A,), np.zeros(1, np.int64), np.zeros(1), np.zeros(1, np.int64))
    with pytest.raises(ValueError, match="do not fit"):
        SeriesFrame((A,), np.zeros(2, np.int64), np.zeros(2), np.array([0, 1]))


def test_arrays_are_read_only() -> None:
    it = frame({A: {1: 1.0}})
    with pytest.raises(ValueError, match="read-only"):
        it.values[0] = 2.0


def test_order_is_checked_inside_series_only() -> None:
    frame({A: {5: 1.0}, B: {1: 1.0}}).check_order()
    with pytest.raises(ValueError, match=r"b\{job=\"x\"\} do not increase"):
        SeriesFrame((A, B), np.array([1, 3, 3]), np.zeros(3), np.array([0, 1, 3])).check_order()


def test_an_empty_first_series_does_not_hide_a_break_of_order() -> None:
    with pytest.raises(ValueError, match="do not increase"):
        SeriesFrame((A, B), np.array([3, 1]), np.zeros(2), np.array([0, 0, 2])).check_order()


@given(st.lists(frames, max_size=4))
def test_merging_equals_joining_dictionaries_where_the_later_frame_wins(parts: list[SeriesFrame]) -> None:
    expected: dict[LabelSet, dict[int, float]] = {}
    for part in parts:
        for labels, series in as_dict(part).items():
            expected.setdefault(labels, {}).update(series)
    merged = merge_frames(parts)
    merged.check_order()
    assert as_dict(merged) == expected


@given(st.lists(frames, max_size=4))
def test_merging_frames_that_follow_each_other_appends_them(parts: list[SeriesFrame]) -> None:
    later = [
        SeriesFrame(part.labels, part.timestamps_ms + 10**9 * i, part.values, part.indptr)
        for i, part in enumerate(parts)
    ]
    expected: dict[LabelSet, dict[int, float]] = {}
    for part in later:
        for labels, series in as_dict(part).items():
            expected.setdefault(labels, {}).update(series)
    merged = merge_frames(later)
    merged.check_order()
    assert as_dict(merged) == expected
    assert list(merged.labels) == list(expected)


@given(frames, st.integers(-(10**6), 10**6), st.integers(0, 10**6))
def test_within_keeps_both_ends_and_drops_emptied_series(it: SeriesFrame, start: int, width: int) -> None:
    kept = as_dict(it.within(TimeRange(start, start + width)))
    expected = {
        labels: inside
        for labels, series in as_dict(it).items()
        if (inside := {t: v for t, v in series.items() if start <= t <= start + width})
    }
    assert kept == expected


def test_take_picks_series_in_the_order_asked() -> None:
    it = frame({A: {1: 1.0, 2: 2.0}, B: {7: 7.0}})
    assert as_dict(it.take([1, 0])) == {B: {7: 7.0}, A: {1: 1.0, 2: 2.0}}
    assert list(it.take([1]).labels) == [B]
