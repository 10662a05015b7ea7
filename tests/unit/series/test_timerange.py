"""Ranges and grids cover what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.series import Grid, TimeRange


@given(st.integers(-1000, 1000), st.integers(0, 500), st.integers(1, 600))
def test_slices_cover_a_range_without_gap_or_overlap(start: int, length: int, width: int) -> None:
    instants = [
        t for part in TimeRange(start, start + length).slices(width) for t in range(part.start_ms, part.end_ms + 1)
    ]
    assert instants == list(range(start, start + length + 1))


def test_a_range_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends"):
        TimeRange(2, 1)


def test_the_following_grid_continues_at_the_same_step() -> None:
    grid = Grid(0, 10, 3)
    assert grid.following(2).timestamps_ms.tolist() == [30, 40]
