"""Alignment follows PromQL: the newest sample within the lookback, none past a staleness marker."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pronoia.series import STALE_NAN, Grid, LabelSet, SeriesFrame, align

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
