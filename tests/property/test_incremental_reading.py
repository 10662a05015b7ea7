"""What many refreshes keep, told sample by sample, whatever the clock, the source and the series do."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pronoia.errors import UpstreamUnreachable
from pronoia.pipeline.incremental import IncrementalReader
from pronoia.series import STALE_NAN, LabelSet, SeriesFrame, TimeRange, is_stale

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP = 10
DENSE = 12 * STEP
OVERLAP = 7
LABELS = tuple(LabelSet({"__name__": "load", "instance": name}) for name in "abc")


@dataclass
class Source:
    """Holds what was put there; long ranges come in two parts."""

    samples: dict[LabelSet, dict[int, float]] = field(default_factory=lambda: {labels: {} for labels in LABELS})
    is_down: bool = False

    def read(self, _: str, time_range: TimeRange, __: int) -> SeriesFrame:
        if self.is_down:
            raise UpstreamUnreachable("away")
        series = {labels: sorted(each.items()) for labels, each in self.samples.items()}
        return SeriesFrame.from_series(
            {labels: ([ms for ms, _ in pairs], [value for _, value in pairs]) for labels, pairs in series.items()}
        ).within(time_range)

    def parts(self, expression: str, time_range: TimeRange, step_ms: int) -> Iterator[SeriesFrame]:
        for part in time_range.slices(time_range.duration_ms // 2 + 1):
            yield self.read(expression, part, step_ms)


class SampleBySample:
    """The same rules in plain Python: a dictionary of samples for each series, thinned now and then."""

    def __init__(self, source: Source, window_ms: int) -> None:
        self._source = source
        self._window_ms = window_ms
        self._kept: dict[LabelSet, dict[int, float]] = {}
        self._until: int | None = None
        self._thinned_until = 0

    def refresh(self, now: int) -> dict[LabelSet, dict[int, float]]:
        oldest = now - self._window_ms
        since = oldest if self._until is None else max(oldest, min(self._until, now) - OVERLAP)
        fresh = {
            labels: {ms: value for ms, value in each.items() if since <= ms <= now}
            for labels, each in self._source.samples.items()
        }
        if since < now - DENSE:
            middle = next(TimeRange(since, now - DENSE - 1).slices((now - DENSE - 1 - since) // 2 + 1)).end_ms
            for labels, each in fresh.items():
                parts = [
                    {ms: each[ms] for ms in each if ms <= middle},
                    {ms: each[ms] for ms in each if middle < ms < now - DENSE},
                ]
                dense = {ms: each[ms] for ms in each if ms >= now - DENSE}
                fresh[labels] = {**_thin(parts[0], now - DENSE), **_thin(parts[1], now - DENSE), **dense}
        if self._until is None:
            fresh = {labels: _thin(each, now - DENSE) for labels, each in fresh.items()}
        if abs(now - DENSE - self._thinned_until) >= DENSE:
            self._thinned_until = now - DENSE
            self._kept = {labels: _thin(each, now - DENSE) for labels, each in self._kept.items()}
        joined = {}
        for labels in LABELS:
            known = {ms: value for ms, value in self._kept.get(labels, {}).items() if oldest <= ms <= now}
            each = {**known, **fresh.get(labels, {})}
            if any(not _is_stale(value) for value in each.values()):
                joined[labels] = dict(sorted(each.items()))
        self._kept, self._until = joined, now
        return joined


def _thin(samples: dict[int, float], before: int) -> dict[int, float]:
    last = {math.ceil(ms / STEP): ms for ms in sorted(samples)}
    return {ms: samples[ms] for ms in sorted(samples) if ms >= before or last[math.ceil(ms / STEP)] == ms}


def _is_stale(value: float) -> bool:
    return bool(is_stale(np.array([value]))[0])


value = st.sampled_from([1.0, 2.0, 3.0, math.inf, STALE_NAN])
rounds = st.lists(
    st.tuples(
        st.integers(-60, 90),
        st.booleans() | st.just(False),
        st.lists(st.tuples(st.sampled_from(LABELS), st.integers(-12, 25), value), max_size=12),
    ),
    min_size=1,
    max_size=25,
)


@given(rounds, st.integers(5, 500))
@settings(max_examples=300, deadline=None)
def test_refreshes_keep_what_the_rules_say(story: list, window_ms: int) -> None:
    source = Source()
    reader = IncrementalReader(source, "load", window_ms=window_ms, step_ms=STEP, overlap_ms=OVERLAP)
    expected = SampleBySample(source, window_ms)
    now = 300
    for elapsed, is_down, samples in story:
        now = max(now + elapsed, 0)
        for labels, before, each in samples:
            source.samples[labels][max(now - before, 0)] = each
        source.is_down = is_down
        if is_down:
            continue
        history = reader.refresh(now).joined()
        history.check_order()
        wanted = expected.refresh(now)
        assert list(history.labels) == [labels for labels in LABELS if labels in wanted]
        for labels, times, values in history:
            assert times.tolist() == list(wanted[labels])
            np.testing.assert_array_equal(
                values.view(np.uint64), np.array(list(wanted[labels].values())).view(np.uint64)
            )
