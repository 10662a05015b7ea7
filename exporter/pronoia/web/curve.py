"""The forecast curve as samples at their own, future time, for remote-read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

import numpy as np

from pronoia.exposition.families import CURVE, CURVE_LOWER, CURVE_UPPER
from pronoia.exposition.text import exposed_labels
from pronoia.series import LabelSet, SeriesFrame
from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pronoia.predictions.forecast import Forecast, QueryForecast
    from pronoia.predictions.snapshot import Snapshot
    from pronoia.remote_read.query import ReadQuery
    from pronoia.series import Matcher, TimeRange

# PromQL looks back five minutes for the newest sample. Points farther apart than that would leave holes in a range
# query and empty most evaluations of a rule, so the curve is drawn at least this closely.
_CLOSEST_STEP_MS = 120_000


class SnapshotSource(Protocol):
    """Where the current snapshot comes from (`pipeline.holder.Holder`)."""

    def snapshot(self, now_seconds: float) -> Snapshot:
        """What may be shown at this time."""


class ForecastCurve:
    """Answers remote-read queries from the current snapshot; nothing is predicted here.

    A curve begins when its forecast was made, ends at the forecast's last instant, and is gone when the forecast has
    passed its `max_age`. Labels are those of `/predictions` less the horizon. Between the forecast's own instants it
    is linear, at steps of two minutes or less.

    Args:
        source: holds the snapshot.
        clock: Unix time in seconds.
    """

    def __init__(self, source: SnapshotSource, clock: Callable[[], float] = time.time) -> None:
        self._source = source
        self._clock = clock

    def select(self, query: ReadQuery) -> SeriesFrame:
        """The samples of all matching curves inside the query's range."""
        labels: list[LabelSet] = []
        blocks: list[NDArray[np.float64]] = []
        instants: list[NDArray[np.int64]] = []
        for each in self._source.snapshot(self._clock()).forecasts:
            for name, values in _named(each.forecast):
                own = {METRIC_NAME: name, "query": each.query}
                rows = _matching(each.forecast.labels, own, query.matchers)
                times = _instants(each, query.time_range) if rows else np.empty(0, np.int64)
                if len(times):
                    labels.extend(rows)
                    picked = values[list(rows.values())]
                    blocks.append(_between(picked, each.forecast, times))
                    instants.append(np.tile(times, len(rows)))
        if not labels:
            return SeriesFrame.empty()
        lengths = np.concatenate([np.full(len(block), block.shape[1], np.int64) for block in blocks])
        return SeriesFrame(
            tuple(labels),
            np.concatenate(instants),
            np.concatenate([block.ravel() for block in blocks]),
            np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]),
        )


def _named(forecast: Forecast) -> tuple[tuple[str, NDArray[np.float64]], ...]:
    return (
        (CURVE.name, forecast.point),
        (CURVE_LOWER.name, forecast.lower),
        (CURVE_UPPER.name, forecast.upper),
    )


def _matching(source: Sequence[LabelSet], own: dict[str, str], matchers: Sequence[Matcher]) -> dict[LabelSet, int]:
    """Labels as shown -> row; of series that look alike once shown, the first, as on the page."""
    ours = [matcher for matcher in matchers if matcher.name in own]
    theirs = [matcher for matcher in matchers if matcher.name not in own]
    if not all(matcher.matches(own) for matcher in ours):
        return {}
    rows: dict[LabelSet, int] = {}
    for row, labels in enumerate(source):
        shown, _ = exposed_labels(labels)
        if all(matcher.matches(shown) for matcher in theirs):
            rows.setdefault(LabelSet({**shown, **own}), row)
    return rows


def _instants(each: QueryForecast, time_range: TimeRange) -> NDArray[np.int64]:
    """The curve's instants inside the range, int64 (n_instants,)."""
    grid = each.forecast.grid
    if not grid.n_steps:
        return np.empty(0, np.int64)
    parts = -(-grid.step_ms // _CLOSEST_STEP_MS)
    instants = grid.start_ms + np.arange((grid.n_steps - 1) * parts + 1, dtype=np.int64) * grid.step_ms // parts
    first_ms = max(time_range.start_ms, int(each.made_at_seconds * 1000))
    return instants[(instants >= first_ms) & (instants <= time_range.end_ms)]


def _between(values: NDArray[np.float64], forecast: Forecast, times_ms: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rows of values (n_rows, n_steps) read at other instants, linear between the grid's."""
    position = (times_ms - forecast.grid.start_ms) / forecast.grid.step_ms
    left = np.minimum(position.astype(np.int64), forecast.grid.n_steps - 1)
    right = np.minimum(left + 1, forecast.grid.n_steps - 1)
    share = position - left
    result: NDArray[np.float64] = values[:, left] * (1.0 - share) + values[:, right] * share
    return result
