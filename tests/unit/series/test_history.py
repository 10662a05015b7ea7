"""A history in two parts reads as one frame does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.series import Grid, History, LabelSet, SeriesFrame, align, thin
from pronoia.series.timerange import NEVER_MS

A, B, C = (LabelSet({"__name__": "load", "instance": name}) for name in "abc")
STEP_MS = 10


def frame(**samples: dict[int, float]) -> SeriesFrame:
    return SeriesFrame.from_series(
        {
            LabelSet({"__name__": "load", "instance": name}): (sorted(each), [each[ms] for ms in sorted(each)])
            for name, each in samples.items()
        }
    )


def content(part: SeriesFrame) -> dict[LabelSet, list[tuple[int, float]]]:
    return {labels: list(zip(times.tolist(), values.tolist(), strict=True)) for labels, times, values in part}


times_of_a_series = st.dictionaries(st.integers(1, 300), st.floats(allow_nan=False), max_size=40)


@given(times_of_a_series, times_of_a_series, st.integers(0, 30), st.integers(0, 300), st.integers(1, 40))
def test_settling_thins_as_one_frame_is_thinned_and_aligning_does_not_tell_the_difference(
    one: dict[int, float], other: dict[int, float], cut_steps: int, dense_from_ms: int, lookback_ms: int
) -> None:
    whole = frame(a=one, b=other)
    cut_ms = min(cut_steps * STEP_MS, (dense_from_ms - 1) // STEP_MS * STEP_MS) + 1
    settled = History.of(whole).settled(STEP_MS, dense_from_ms, cut_ms)
    thinned = thin(whole, STEP_MS, dense_from_ms)
    assert content(settled.joined()) == content(thinned)
    assert (settled.older.timestamps_ms < cut_ms).all()
    assert (settled.newer.timestamps_ms >= cut_ms).all()
    grid = Grid(0, 7, 45)
    np.testing.assert_array_equal(align(settled, grid, lookback_ms).values, align(thinned, grid, lookback_ms).values)


def test_settling_again_moves_what_grew_old() -> None:
    history = History.of(frame(a={5: 1.0, 12: 2.0, 17: 3.0, 31: 4.0})).settled(STEP_MS, 15, 11)
    again = history.settled(STEP_MS, 31, 31)
    assert content(again.older) == {A: [(5, 1.0), (17, 3.0)]}
    assert content(again.newer) == {A: [(31, 4.0)]}


def test_samples_before_the_start_are_no_part_of_it() -> None:
    settled = History.of(frame(a={5: 1.0, 15: 2.0, 25: 3.0})).settled(STEP_MS, 21, 21)
    late = History(settled.newer, settled.older, settled.older_row, start_ms=10)
    assert content(late.joined()) == {A: [(15, 2.0), (25, 3.0)]}
    assert np.isnan(align(late, Grid(5, STEP_MS, 1)).values[0, 0])
    assert content(late.settled(STEP_MS, 31, 31).older) == {A: [(15, 2.0), (25, 3.0)]}


def test_series_come_and_go_without_a_copy_of_the_older_part() -> None:
    settled = History.of(frame(a={5: 1.0, 25: 2.0}, b={6: 3.0})).settled(STEP_MS, 21, 21)
    newer = frame(a={25: 2.0}, b={}, c={26: 4.0})
    grown = History(newer, settled.older, np.array([0, 1, -1]), NEVER_MS)
    assert content(grown.joined()) == {A: [(5, 1.0), (25, 2.0)], B: [(6, 3.0)], C: [(26, 4.0)]}
    taken = grown.take(np.array([2, 1]))
    assert taken.labels == (C, B)
    assert taken.older is settled.older
    assert content(taken.joined()) == {C: [(26, 4.0)], B: [(6, 3.0)]}


def test_a_cut_inside_a_step_and_rows_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="part a step"):
        History.of(frame(a={5: 1.0})).settled(STEP_MS, 20, 15)
    with pytest.raises(ValueError, match="for 1 series"):
        History(frame(a={5: 1.0}), SeriesFrame.empty(), np.array([0, 1]), NEVER_MS)


def test_an_empty_history_is_one() -> None:
    assert History.of(SeriesFrame.empty()).joined().n_series == 0
    assert align(History.of(SeriesFrame.empty()), Grid(0, 1, 3)).values.shape == (0, 3)


def test_each_series_has_a_first_sample_in_either_part() -> None:
    whole = frame(a={5: 1.0, 35: 2.0}, b={31: 1.0}, c={})
    last = np.iinfo(np.int64).max
    assert History.of(whole).first_sample_ms().tolist() == [5, 31, last]
    assert History.of(whole).settled(STEP_MS, 30, 21).first_sample_ms().tolist() == [5, 31, last]
