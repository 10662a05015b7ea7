"""A recording that plays as if it were being measured now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import SeriesError
from pronoia.series import MatchOp, SeriesFrame, drop_stale
from pronoia.series.labels import METRIC_NAME
from pronoia.series.matchers import matches_all
from pronoia.storage.recording import median_step_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pronoia.series import LabelSet, Matcher, TimeRange

DAY_MS = 86_400_000


class ReplaySource:
    """A recording, re-timed so that its last sample is at the moment of construction, and then going on for ever.

    After its end it starts again: its last whole days (all of it less one sample's step, if it is shorter than a
    day) are repeated with their timestamps shifted, so that the daily phase goes on across the seam. Whatever is
    later than the clock's now does not exist yet. Safe to use from many threads: nothing in it changes.

    Args:
        frame: the recording; staleness markers are dropped.
        clock: Unix seconds now.

    Raises:
        SeriesError: if no series of the recording has two samples, so that it has no step.

    >>> from pronoia.series import LabelSet, Matcher, SeriesFrame, TimeRange
    >>> recording = SeriesFrame.from_series({LabelSet({"__name__": "up"}): ([0, 1000, 2000], [1.0, 2.0, 3.0])})
    >>> now = iter([100, 104])
    >>> source = ReplaySource(recording, clock=lambda: next(now))
    >>> played = source.select([Matcher("__name__", MatchOp.EQUAL, "up")], TimeRange(0, 200_000))
    >>> played.timestamps_ms.tolist(), played.values.tolist()
    ([98000, 99000, 100000, 101000, 102000, 103000, 104000], [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0])
    """

    def __init__(self, frame: SeriesFrame, clock: Callable[[], float] = time.time) -> None:
        frame = drop_stale(frame)
        step_ms = median_step_ms(frame)
        if not step_ms:
            raise SeriesError(f"a recording with a step is needed for a replay; this one has {frame.n_samples} samples")
        self._clock = clock
        self._end_ms = int(clock() * 1000)
        self._period_ms = _period_ms(int(np.ptp(frame.timestamps_ms)) + step_ms)
        shift_ms = self._end_ms - int(frame.timestamps_ms.max())
        self._frame = SeriesFrame(frame.labels, frame.timestamps_ms + shift_ms, frame.values, frame.indptr)
        self._by_name: dict[str, list[int]] = {}
        for i, labels in enumerate(frame.labels):
            self._by_name.setdefault(labels.name, []).append(i)

    @property
    def labels(self) -> tuple[LabelSet, ...]:
        """The label sets that are played."""
        return self._frame.labels

    @property
    def period_ms(self) -> int:
        """What is added to the timestamps at each repetition, in milliseconds."""
        return self._period_ms

    @property
    def start_ms(self) -> int:
        """The first sample's instant, as played."""
        return int(self._frame.timestamps_ms.min())

    def select(self, matchers: Sequence[Matcher], time_range: TimeRange) -> SeriesFrame:
        """The samples that a server which recorded this would hold now.

        Args:
            matchers: conditions that must all hold; none match everything.
            time_range: both ends included; what lies after now is not there yet.

        Returns:
            The matching series that have samples in the range, read-only.
        """
        end_ms = min(time_range.end_ms, int(self._clock() * 1000))
        chosen = [i for i in self._candidates(matchers) if matches_all(matchers, self._frame.labels[i])]
        bounds = self._frame.indptr.tolist()
        labels: list[LabelSet] = []
        times: list[NDArray[np.int64]] = []
        values: list[NDArray[np.float64]] = []
        lengths = [0]
        for i in chosen:
            span = slice(bounds[i], bounds[i + 1])
            pieces = self._played(self._frame.timestamps_ms[span], time_range.start_ms, end_ms)
            n_samples = sum(len(piece_times) for piece_times, _ in pieces)
            if n_samples:
                labels.append(self._frame.labels[i])
                times += [piece_times for piece_times, _ in pieces]
                values += [self._frame.values[span][piece] for _, piece in pieces]
                lengths.append(n_samples)
        if not labels:
            return SeriesFrame.empty()
        return SeriesFrame(tuple(labels), np.concatenate(times), np.concatenate(values), np.cumsum(lengths))

    def _candidates(self, matchers: Sequence[Matcher]) -> Sequence[int]:
        for matcher in matchers:
            if matcher.name == METRIC_NAME and matcher.op is MatchOp.EQUAL:
                return self._by_name.get(matcher.value, ())
        return range(self._frame.n_series)

    def _played(
        self, recorded_ms: NDArray[np.int64], start_ms: int, end_ms: int
    ) -> list[tuple[NDArray[np.int64], slice]]:
        """One series' instants inside [start, end], repetition by repetition, and where their values stand."""
        first = max(0, -((self._end_ms - start_ms) // self._period_ms))
        last = max(0, -((self._end_ms - end_ms) // self._period_ms))
        pieces: list[tuple[NDArray[np.int64], slice]] = []
        for repetition in range(first, last + 1):
            shift_ms = repetition * self._period_ms
            # Only the last period is repeated; the first time, all of the recording is played.
            oldest_ms = self._end_ms - self._period_ms + 1 if repetition else start_ms
            begin = int(np.searchsorted(recorded_ms, max(start_ms - shift_ms, oldest_ms), side="left"))
            end = int(np.searchsorted(recorded_ms, end_ms - shift_ms, side="right"))
            if end > begin:
                pieces.append((recorded_ms[begin:end] + shift_ms, slice(begin, end)))
        return pieces


def _period_ms(length_ms: int) -> int:
    """The recording's length (one step included), rounded down to whole days if it is at least a day long."""
    return length_ms // DAY_MS * DAY_MS or length_ms
