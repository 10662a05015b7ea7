"""Alignment follows PromQL: the newest sample within the lookback, none past a staleness marker."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pronoia.series import STALE_NAN, Grid, LabelSet, SeriesFrame, TimeRange, align, thin

A = LabelSet({"__name__": "a"})


def aligned(times: list[int], values: list[float], grid: Grid, lookback_ms: int | None = None) -> list[float]:
    frame = SeriesFrame.from_series({A: (times, values)})
    return align(frame, grid, lookback_ms).values[0].tolist()


def test_the_newest_sample_of_each_step_wins() -> None:
    assert aligned([1, 9, 10, 11], [1, 2, 3, 4], Grid(10, 10, 2)) == [3, 4]


def test_a_sample_is_not_used_for_two_steps() -> None:
    np.testing.assert_equal(aligned([10], [1], Grid(10, 10, 2)), [1, np.nan])


def test_a_longer_lookback_bridges_gaps() -> None:
    assert aligned([10], [1], Grid(10, 10, 3), lookback_ms=25) == [1, 1, 1]


def test_a_staleness_marker_ends_validity() -> None:
    np.testing.assert_equal(aligned([8, 9], [1, STALE_NAN], Grid(10, 10, 1)), [np.nan])


def test_infinite_values_count_as_no_sample() -> None:
    np.testing.assert_equal(aligned([10], [np.inf], Grid(10, 10, 1)), [np.nan])


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_aligning_what_is_aligned_changes_nothing(values: list[float]) -> None:
    grid = Grid(1000, 10, len(values))
    assert aligned(grid.timestamps_ms.tolist(), values, grid) == values


@given(
    st.lists(st.lists(st.integers(0, 200), unique=True, max_size=40).map(sorted), max_size=3),
    st.integers(1, 30),
    st.integers(0, 200),
)
def test_thinning_changes_nothing_on_a_grid_of_whole_steps(series: list[list[int]], step: int, before: int) -> None:
    frame = SeriesFrame.from_series(
        {LabelSet({"i": str(i)}): (times, [float(t) for t in times]) for i, times in enumerate(series)}
    )
    thinned = thin(frame, step, before)
    grid = Grid(0, step, 200 // step + 1)
    np.testing.assert_equal(align(thinned, grid).values, align(frame, grid).values)
    assert thinned.within(TimeRange(before, 1000)).n_samples == frame.within(TimeRange(before, 1000)).n_samples


def test_of_older_samples_one_a_step_is_left() -> None:
    frame = SeriesFrame.from_series({A: (range(100), np.arange(100.0))})
    assert thin(frame, 10, 90).timestamps_ms.tolist() == [*range(0, 90, 10), *range(90, 100)]
