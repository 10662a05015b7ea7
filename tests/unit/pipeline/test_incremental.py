from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.errors import UpstreamUnreachable
from pronoia.pipeline.incremental import IncrementalReader
from pronoia.series import STALE_NAN, History, LabelSet, SeriesFrame, TimeRange

if TYPE_CHECKING:
    from collections.abc import Iterator

MINUTE_MS = 60_000
OVERLAP_MS = 5 * MINUTE_MS
A, B, C = (LabelSet({"__name__": "load", "instance": name}) for name in "abc")


@dataclass
class Store:
    """A source whose samples come and go as a test says."""

    samples: dict[LabelSet, dict[int, float]] = field(default_factory=dict)
    asked: list[TimeRange] = field(default_factory=list)
    is_down: bool = False
    slice_ms: int = 86_400_000

    def put(self, labels: LabelSet, *times_ms: int, value: float = 1.0) -> None:
        self.samples.setdefault(labels, {}).update(dict.fromkeys(times_ms, value))

    def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        if self.is_down:
            raise UpstreamUnreachable("away")
        self.asked.append(time_range)
        ordered = {labels: sorted(samples.items()) for labels, samples in self.samples.items()}
        return SeriesFrame.from_series(
            {labels: ([ms for ms, _ in pairs], [value for _, value in pairs]) for labels, pairs in ordered.items()}
        ).within(time_range)

    def parts(self, expression: str, time_range: TimeRange, step_ms: int) -> Iterator[SeriesFrame]:
        for part in time_range.slices(self.slice_ms):
            yield self.read(expression, part, step_ms)


def reader(store: Store, window_ms: int = 60 * MINUTE_MS, max_series: int | None = None) -> IncrementalReader:
    return IncrementalReader(
        store, "load", window_ms=window_ms, step_ms=10 * MINUTE_MS, overlap_ms=OVERLAP_MS, max_series=max_series
    )


def frame_of(history: History) -> SeriesFrame:
    """As one frame, after a look at the promise that the older part ends where the newer begins."""
    frame = history.joined()
    frame.check_order()
    return frame


def content(frame: SeriesFrame) -> dict[LabelSet, list[tuple[int, float]]]:
    return {labels: list(zip(times.tolist(), values.tolist(), strict=True)) for labels, times, values in frame}


def test_the_first_refresh_reads_the_window_and_later_ones_what_is_new_with_an_overlap() -> None:
    store = Store()
    store.put(A, *range(0, 100 * MINUTE_MS, MINUTE_MS))
    history = reader(store)
    history.refresh(90 * MINUTE_MS)
    frame = frame_of(history.refresh(91 * MINUTE_MS))
    assert store.asked == [
        TimeRange(30 * MINUTE_MS, 90 * MINUTE_MS),
        TimeRange(85 * MINUTE_MS, 91 * MINUTE_MS),
    ]
    assert frame.timestamps_ms.tolist() == list(range(31 * MINUTE_MS, 92 * MINUTE_MS, MINUTE_MS))
    assert content(history.history.joined()) == content(frame)


def test_late_samples_inside_the_overlap_are_taken_and_newer_values_win() -> None:
    store = Store()
    store.put(A, 10 * MINUTE_MS, 12 * MINUTE_MS)
    history = reader(store)
    history.refresh(13 * MINUTE_MS)
    store.put(A, 11 * MINUTE_MS)
    store.put(A, 12 * MINUTE_MS, value=2.0)
    store.put(A, 3 * MINUTE_MS)
    assert content(frame_of(history.refresh(14 * MINUTE_MS))) == {
        A: [(10 * MINUTE_MS, 1.0), (11 * MINUTE_MS, 1.0), (12 * MINUTE_MS, 2.0)]
    }


def test_a_failed_refresh_leaves_all_as_it_was_and_the_next_reads_what_is_missing() -> None:
    store = Store()
    store.put(A, *range(0, 100 * MINUTE_MS, MINUTE_MS))
    history = reader(store)
    before = history.refresh(50 * MINUTE_MS)
    store.is_down = True
    with pytest.raises(UpstreamUnreachable):
        history.refresh(51 * MINUTE_MS)
    assert history.history is before
    store.is_down = False
    frame = frame_of(history.refresh(70 * MINUTE_MS))
    assert store.asked[-1] == TimeRange(45 * MINUTE_MS, 70 * MINUTE_MS)
    assert frame.n_samples == 61


def test_after_an_absence_longer_than_the_window_all_is_read_anew() -> None:
    store = Store()
    store.put(A, MINUTE_MS)
    store.put(B, 500 * MINUTE_MS)
    history = reader(store)
    history.refresh(2 * MINUTE_MS)
    assert history.refresh(500 * MINUTE_MS).labels == (B,)
    assert store.asked[-1] == TimeRange(440 * MINUTE_MS, 500 * MINUTE_MS)


def test_a_series_silent_for_the_whole_window_is_dropped_and_markers_do_not_count() -> None:
    store = Store()
    store.put(A, MINUTE_MS)
    store.put(A, 50 * MINUTE_MS, value=STALE_NAN)
    store.put(B, 60 * MINUTE_MS)
    history = reader(store)
    assert history.refresh(60 * MINUTE_MS).labels == (A, B)
    assert history.refresh(62 * MINUTE_MS).labels == (B,)


def test_the_same_series_stay_when_there_are_too_many() -> None:
    store = Store()
    for labels in (C, A, B):
        store.put(labels, *range(0, 100 * MINUTE_MS, MINUTE_MS))
    history = reader(store, max_series=2)
    for now in (60, 61, 62):
        frame = frame_of(history.refresh(now * MINUTE_MS))
        assert frame.labels == (A, B)
        assert np.diff(frame.indptr).tolist() == [61, 61]
        assert history.n_dropped_series == 1


def test_a_clock_set_back_forgets_what_lies_ahead() -> None:
    store = Store()
    store.put(A, *range(0, 100 * MINUTE_MS, MINUTE_MS))
    history = reader(store)
    history.refresh(90 * MINUTE_MS)
    frame = frame_of(history.refresh(80 * MINUTE_MS))
    assert store.asked[-1] == TimeRange(75 * MINUTE_MS, 80 * MINUTE_MS)
    assert frame.timestamps_ms.tolist() == list(range(30 * MINUTE_MS, 81 * MINUTE_MS, MINUTE_MS))


@given(
    st.lists(
        st.tuples(st.sampled_from([A, B, C]), st.integers(0, 120), st.floats(allow_nan=False), st.integers(0, 4)),
        max_size=60,
        unique_by=lambda sample: sample[:2],
    ),
    st.lists(st.integers(1, 20), min_size=1, max_size=8),
)
def test_many_refreshes_end_where_one_whole_read_does(
    samples: list[tuple[LabelSet, int, float, int]], pauses: list[int]
) -> None:
    """As long as no sample is later than the overlap."""
    store = Store()
    history = reader(store, window_ms=40 * MINUTE_MS)
    now = 0
    for pause in pauses:
        now += pause
        for labels, minute, value, late in samples:
            if minute + late <= now:
                store.put(labels, minute * MINUTE_MS, value=value)
        frame = frame_of(history.refresh(now * MINUTE_MS))
    window = TimeRange((now - 40) * MINUTE_MS, now * MINUTE_MS)
    whole = store.read("load", window, MINUTE_MS).without_empty()
    frame.check_order()
    assert content(frame) == content(whole)
    assert list(frame.labels) == sorted(whole.labels)


def test_a_long_window_is_read_in_parts_and_its_older_part_kept_one_sample_a_step() -> None:
    store = Store(slice_ms=200 * MINUTE_MS)
    store.put(A, *range(0, 600 * MINUTE_MS + 1, MINUTE_MS))
    history = IncrementalReader(store, "load", window_ms=600 * MINUTE_MS, step_ms=10 * MINUTE_MS)
    frame = frame_of(history.refresh(600 * MINUTE_MS))
    edges = [(part.start_ms, part.end_ms) for part in store.asked]
    assert all(after[0] == before[1] + 1 for before, after in pairwise(edges))
    assert max(end - start for start, end in edges) < 200 * MINUTE_MS
    assert (edges[0][0], edges[-1][1]) == (0, 600 * MINUTE_MS)
    older = frame.timestamps_ms[frame.timestamps_ms < 480 * MINUTE_MS].tolist()
    assert older == list(range(0, 480 * MINUTE_MS, 10 * MINUTE_MS))
    assert np.count_nonzero(frame.timestamps_ms >= 480 * MINUTE_MS) == 121


def test_what_was_new_is_thinned_as_it_grows_old() -> None:
    store = Store()
    store.put(A, *range(0, 2000 * MINUTE_MS, MINUTE_MS))
    history = IncrementalReader(store, "load", window_ms=600 * MINUTE_MS, step_ms=10 * MINUTE_MS)
    sizes = [frame_of(history.refresh(now * MINUTE_MS)).n_samples for now in range(600, 1900, 7)]
    assert max(sizes) < 60 + 2 * 130


def test_an_expression_is_evaluated_more_densely_where_it_is_new() -> None:
    steps: list[int] = []

    class Steps(Store):
        def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
            steps.append(step_ms)
            return super().read(expression, time_range, step_ms)

    history = IncrementalReader(
        Steps(), "rate(x[5m])", window_ms=600 * MINUTE_MS, step_ms=10 * MINUTE_MS, fresh_step_ms=MINUTE_MS
    )
    history.refresh(600 * MINUTE_MS)
    history.refresh(601 * MINUTE_MS)
    assert steps == [10 * MINUTE_MS, MINUTE_MS, MINUTE_MS]
