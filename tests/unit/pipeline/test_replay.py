"""A recording played as if it were measured now."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.errors import SeriesError
from pronoia.pipeline.replay import DAY_MS, ReplaySource
from pronoia.series import STALE_NAN, LabelSet, Matcher, MatchOp, SeriesFrame, TimeRange

MINUTE_MS = 60_000
NOW_S = 1_700_000_000.5
NOW_MS = 1_700_000_000_500
EVERYTHING = TimeRange(0, 4_000_000_000_000)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW_S

    def __call__(self) -> float:
        return self.now


def recorded(step_ms: int, n_samples: int, name: str = "load", **labels: str) -> dict[LabelSet, tuple[object, object]]:
    times = 1_000 + step_ms * np.arange(n_samples)
    return {LabelSet({"__name__": name, **labels}): (times, np.arange(n_samples, dtype=float))}


def by_name(name: str) -> list[Matcher]:
    return [Matcher("__name__", MatchOp.EQUAL, name)]


def test_the_last_sample_is_at_the_start_of_the_replay_and_the_distances_stay() -> None:
    source = ReplaySource(SeriesFrame.from_series(recorded(MINUTE_MS, 100)), Clock())
    played = source.select(by_name("load"), EVERYTHING)
    assert played.timestamps_ms[-1] == NOW_MS
    assert played.values.tolist() == list(range(100))
    assert set(np.diff(played.timestamps_ms)) == {MINUTE_MS}


def test_it_goes_on_after_its_end_and_shows_nothing_of_the_future() -> None:
    clock = Clock()
    source = ReplaySource(SeriesFrame.from_series(recorded(MINUTE_MS, 100)), clock)
    clock.now += 59.9
    assert source.select([], EVERYTHING).n_samples == 100
    clock.now += 0.1
    assert source.select([], EVERYTHING).values[-2:].tolist() == [99.0, 0.0]
    clock.now += 3600 * 24
    played = source.select([], EVERYTHING)
    played.check_order()
    assert set(np.diff(played.timestamps_ms)) == {MINUTE_MS}
    assert played.timestamps_ms[-1] == clock.now * 1000
    np.testing.assert_array_equal(played.values, np.arange(played.n_samples) % 100)


def test_the_time_of_day_goes_on_across_the_seam_where_the_recording_is_not_whole_days_long() -> None:
    clock = Clock()
    hours = 24 * 3 + 5
    source = ReplaySource(SeriesFrame.from_series(recorded(3_600_000, hours)), clock)
    assert source.period_ms == 3 * DAY_MS
    clock.now += 10 * 24 * 3600
    played = source.select([], EVERYTHING)
    played.check_order()
    assert set(np.diff(played.timestamps_ms)) == {3_600_000}
    # The value recorded here is the hour since the recording's start: its time of day must never jump.
    assert set(np.diff(played.values) % 24) == {1.0}


def test_series_keep_their_place_and_matchers_choose_among_them() -> None:
    ended_early = {LabelSet({"__name__": "disk", "vm": "a"}): ([1_000, 2_000], [1.0, 2.0])}
    frame = SeriesFrame.from_series({**recorded(1_000, 10, vm="a"), **recorded(1_000, 10, vm="b"), **ended_early})
    source = ReplaySource(frame, Clock())
    assert source.labels == frame.labels
    assert source.start_ms == NOW_MS - 9_000
    assert source.select([*by_name("load"), Matcher("vm", MatchOp.NOT_EQUAL, "a")], EVERYTHING).labels == (
        LabelSet({"__name__": "load", "vm": "b"}),
    )
    assert source.select([Matcher("__name__", MatchOp.REGEX, "d.*|l.*")], EVERYTHING).n_series == 3
    assert source.select(by_name("disk"), EVERYTHING).timestamps_ms.tolist() == [NOW_MS - 9_000, NOW_MS - 8_000]
    assert source.select(by_name("disk"), TimeRange(NOW_MS - 7_999, NOW_MS)).n_series == 0
    assert source.select(by_name("absent"), EVERYTHING).n_series == 0


def test_both_ends_of_the_range_belong_to_it() -> None:
    source = ReplaySource(SeriesFrame.from_series(recorded(1_000, 10)), Clock())
    assert source.select([], TimeRange(NOW_MS - 3_000, NOW_MS - 1_000)).values.tolist() == [6.0, 7.0, 8.0]
    assert source.select([], TimeRange(NOW_MS + 1, NOW_MS + 1)).n_series == 0


@pytest.mark.parametrize(
    "frame",
    [
        SeriesFrame.empty(),
        SeriesFrame.from_series({LabelSet({"a": "b"}): ([5], [1.0])}),
        SeriesFrame.from_series({LabelSet({"a": "b"}): ([5, 6], [1.0, STALE_NAN])}),
    ],
)
def test_a_recording_without_a_step_is_refused(frame: SeriesFrame) -> None:
    with pytest.raises(SeriesError, match="with a step is needed"):
        ReplaySource(frame)


def test_what_is_answered_cannot_be_changed() -> None:
    source = ReplaySource(SeriesFrame.from_series(recorded(1_000, 10)), Clock())
    with pytest.raises(ValueError, match="read-only"):
        source.select([], EVERYTHING).values[0] = 7.0


@given(
    n_samples=st.integers(2, 60),
    step_ms=st.integers(1, 2 * 3_600_000),
    elapsed_ms=st.integers(0, 5 * DAY_MS),
    borders=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_any_range_is_the_same_part_of_what_the_whole_replay_shows(
    n_samples: int, step_ms: int, elapsed_ms: int, borders: tuple[float, float]
) -> None:
    clock = Clock()
    source = ReplaySource(SeriesFrame.from_series(recorded(step_ms, n_samples)), clock)
    # Many repetitions of a very short recording cost time and show nothing new.
    clock.now += min(elapsed_ms, 20 * source.period_ms) / 1000
    whole = source.select([], EVERYTHING)
    whole.check_order()
    first, last = int(whole.timestamps_ms[0]), int(whole.timestamps_ms[-1])
    start, end = sorted(first + int(border * (last - first)) for border in borders)
    part = source.select([], TimeRange(start, end))
    expected = whole.within(TimeRange(start, end))
    np.testing.assert_array_equal(part.timestamps_ms, expected.timestamps_ms)
    np.testing.assert_array_equal(part.values, expected.values)


def test_of_a_large_recording_only_what_is_asked_for_is_told() -> None:
    frame = SeriesFrame.from_series({k: v for i in range(500) for k, v in recorded(300_000, 4032, vm=str(i)).items()})
    source = ReplaySource(frame, Clock())
    assert source.select([], TimeRange(NOW_MS - 600_000, NOW_MS)).n_samples == 1500
