"""When events take place: by the schedule of the configuration, or by what a query says."""

from __future__ import annotations

import logging
import statistics
import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import numpy as np

from pronoia.errors import PronoiaError
from pronoia.models.forecast.calendar.times import EventTimes
from pronoia.pipeline.incremental import IncrementalReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.config.resolved import ResolvedQuery
    from pronoia.config.resolved_event import ResolvedEvent
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.upstream import Upstream
    from pronoia.series import SeriesFrame

_log = logging.getLogger(__name__)

_WEEK = timedelta(weeks=1)
# A query that matches more series than this is no event.
_MAX_SERIES = 10_000


class EventFeed:
    """The occurrences of one event that is told by a query; read again when it is asked, once in a while.

    A read that fails is counted, and logged when it begins to fail; what was known before stays. Queries share a feed,
    from threads of their own.

    Args:
        event: with a query.
        upstream: where it is evaluated.
        telemetry: told of reads that failed.
        window_seconds: how much of the past is read.
        step_seconds: distance of the evaluations.
        every_seconds: least time between two reads.
    """

    def __init__(
        self,
        event: ResolvedEvent,
        upstream: Upstream,
        telemetry: Telemetry,
        *,
        window_seconds: int,
        step_seconds: int,
        every_seconds: int,
    ) -> None:
        self._event = event
        self._telemetry = telemetry
        self._step_ms = step_seconds * 1000
        self._every_seconds = every_seconds
        self._reader = IncrementalReader(
            upstream,
            event.expr,
            window_ms=window_seconds * 1000,
            step_ms=self._step_ms,
            fresh_step_ms=min(every_seconds, step_seconds) * 1000,
            max_series=_MAX_SERIES,
        )
        self._lock = threading.Lock()
        self._read_at = -np.inf
        self._was_read = False
        self._is_failing = False
        self._times: tuple[EventTimes, ...] = ()

    def times(self, now_seconds: float) -> tuple[EventTimes, ...]:
        """The occurrences up to now, as far as they are known. Never raises.

        While another query reads, what was known before is told; only the first read is waited for.
        """
        if self._lock.acquire(blocking=not self._was_read):
            try:
                # Rounds are never quite as far apart as they are meant to be.
                if abs(now_seconds - self._read_at) >= 0.9 * self._every_seconds:
                    self._read_at = now_seconds
                    self._refresh(int(now_seconds * 1000))
            finally:
                self._was_read = True
                self._lock.release()
        return self._times

    def _refresh(self, now_ms: int) -> None:
        try:
            history = self._reader.refresh(now_ms)
        except PronoiaError as error:
            self._telemetry.on_event_read_failure(self._event.name, error.cause)
            if not self._is_failing:
                _log.warning("event %s: no news of it, forecasts go on without: %s", self._event.name, error)
            self._is_failing = True
            return
        if self._is_failing:
            _log.info("event %s: is read again", self._event.name)
        self._is_failing = False
        self._times = occurrences(self._event, history.joined(), self._step_ms)


class EventFeeds:
    """What the queries of a configuration know of their events; feeds live as long as a query uses them.

    Args:
        telemetry: told of reads that failed.
    """

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._feeds: WeakValueDictionary[object, EventFeed] = WeakValueDictionary()

    def of(self, query: ResolvedQuery, upstreams: Mapping[str, Upstream]) -> QueryEvents:
        """The events of one query."""
        feeds = tuple(self._feed(event, query, upstreams[event.upstream]) for event in query.events if event.expr)
        return QueryEvents(query, feeds)

    def _feed(self, event: ResolvedEvent, query: ResolvedQuery, upstream: Upstream) -> EventFeed:
        window, step, every = query.history_seconds, query.step_seconds, query.infer_every_seconds
        key = (event, upstream, window, step, every)
        feed = self._feeds.get(key) or EventFeed(
            event, upstream, self._telemetry, window_seconds=window, step_seconds=step, every_seconds=every
        )
        self._feeds[key] = feed
        return feed


class QueryEvents:
    """The events of one query, scheduled and told by queries.

    Args:
        query: whose events.
        feeds: of those that are told by queries.
    """

    def __init__(self, query: ResolvedQuery, feeds: tuple[EventFeed, ...] = ()) -> None:
        self._query = query
        self._feeds = feeds

    def times(self, now_seconds: float) -> tuple[EventTimes, ...]:
        """All occurrences within the history, and of scheduled events until beyond the curve; may read upstream."""
        reach = 2 * (self._query.horizon_seconds + 3 * self._query.fit_every_seconds)
        first, last = now_seconds - self._query.history_seconds, now_seconds + reach
        scheduled = (scheduled_times(event, first, last) for event in self._query.events if not event.expr)
        return (*scheduled, *(times for feed in self._feeds for times in feed.times(now_seconds)))


def scheduled_times(event: ResolvedEvent, first_seconds: float, last_seconds: float) -> EventTimes:
    """The occurrences of a scheduled event that begin in a span of time.

    >>> from pronoia.config.resolved_event import ResolvedEvent
    >>> backup = ResolvedEvent("backup", 3600, (datetime(2026, 11, 1, 2, tzinfo=UTC),), is_weekly=True)
    >>> scheduled_times(backup, 1_793_500_000, 1_795_000_000).starts_ms
    (1794103200000, 1794708000000)
    """
    starts = set()
    for start in event.starts:
        if not event.is_weekly:
            starts.add(start)
            continue
        first = datetime.fromtimestamp(max(first_seconds, start.timestamp()), tz=UTC)
        # Weeks of the start's own clock, one less for an hour that it may have lost.
        at = start + max((first - start) // _WEEK - 1, 0) * _WEEK
        while at.timestamp() <= last_seconds:
            starts.add(at)
            at += _WEEK
    instants = sorted(start.timestamp() for start in starts)
    within = tuple(round(each * 1000) for each in instants if first_seconds <= each <= last_seconds)
    return EventTimes(event.name, (event.duration_seconds or 1) * 1000, within)


def occurrences(event: ResolvedEvent, frame: SeriesFrame, step_ms: int) -> tuple[EventTimes, ...]:
    """The occurrences that a query's samples tell, for each group of series that agree on the event's labels.

    An occurrence begins where a series is not zero after it was, or was absent. What begins while another lasts is that
    one.
    """
    runs: dict[tuple[tuple[str, str], ...], list[tuple[int, int]]] = defaultdict(list)
    for labels, times, values in frame:
        group = tuple((name, labels.get(name, "")) for name in event.on)
        runs[group] += _runs(times[np.isfinite(values) & (values != 0.0)], times, step_ms)
    found = []
    for group, spans in runs.items():
        if not spans:
            continue
        lasted = statistics.median_low([end - start for start, end in spans]) + step_ms
        duration_ms = event.duration_seconds * 1000 if event.duration_seconds else lasted
        starts: list[int] = []
        for start, _ in sorted(spans):
            if not starts or start >= starts[-1] + duration_ms:
                starts.append(start)
        found.append(EventTimes(event.name, duration_ms, tuple(starts), group))
    return tuple(found)


def _runs(on: NDArray[np.int64], seen: NDArray[np.int64], step_ms: int) -> list[tuple[int, int]]:
    """First and last instant of each run of samples that are on, without one that is off, or a gap, between."""
    if not len(on):
        return []
    position = np.searchsorted(seen, on)
    breaks = (np.diff(position) > 1) | (np.diff(on) > 1.5 * step_ms)
    firsts, lasts = on[np.append(True, breaks)], on[np.append(breaks, True)]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
