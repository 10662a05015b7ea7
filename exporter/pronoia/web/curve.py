"""The forecast curve as samples at their own, future time, for remote-read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

import numpy as np

from pronoia.errors import SeriesLimitExceeded
from pronoia.exposition.families import CURVE, CURVE_LOWER, CURVE_UPPER
from pronoia.exposition.source_labels import our_labels
from pronoia.exposition.text import exposed_labels
from pronoia.series import Grid, LabelSet, SeriesFrame
from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pronoia.exposition.family import Family
    from pronoia.predictions.forecast import QueryForecast
    from pronoia.predictions.snapshot import Snapshot
    from pronoia.remote_read.query import ReadQuery
    from pronoia.series import Matcher, TimeRange

# PromQL looks back five minutes for the newest sample. Points farther apart than that would leave holes in a range
# query and empty most evaluations of a rule, so the curve is drawn at least this closely.
_WIDEST_STEP_MS = 120_000


class SnapshotSource(Protocol):
    """Where the current snapshot comes from (`pipeline.holder.Holder`)."""

    def snapshot(self, now_seconds: float) -> Snapshot:
        """What may be shown at this time."""


class ForecastCurve:
    """Answers remote-read queries from the current snapshot; nothing is predicted here.

    A curve begins when its forecast was made, ends at the forecast's last instant, and is gone when the forecast has
    passed its `max_age`. It sets out from the newest observation and is linear between the forecast's own instants,
    at steps of two minutes or less. Labels are those of `/predictions` less the horizon.

    Args:
        source: holds the snapshot.
        clock: Unix time in seconds.
        max_samples: most samples of one answer, 16 bytes each before they are encoded.
    """

    def __init__(
        self, source: SnapshotSource, clock: Callable[[], float] = time.time, *, max_samples: int = 10_000_000
    ) -> None:
        self._source = source
        self._clock = clock
        self._max_samples = max_samples

    def select(self, query: ReadQuery) -> SeriesFrame:
        """The samples of all matching curves inside the query's range.

        Raises:
            SeriesLimitExceeded: if there are too many; select fewer series or a shorter range.
        """
        n_samples = 0
        labels: list[LabelSet] = []
        blocks: list[NDArray[np.float64]] = []
        instants: list[NDArray[np.int64]] = []
        for each in self._source.snapshot(self._clock()).forecasts:
            if not each.forecast.grid.n_steps:
                continue
            for family, values, origin in _curves(each):
                rows = _matching(each, {METRIC_NAME: family.name, "query": each.query}, query.matchers)
                times = _instants(each, query.time_range) if rows else np.empty(0, np.int64)
                n_samples += len(rows) * len(times)
                if n_samples > self._max_samples:
                    raise SeriesLimitExceeded("samples of forecast curves", n_samples, self._max_samples)
                if len(times):
                    labels.extend(rows)
                    picked = list(rows.values())
                    with_origin = np.column_stack((origin[picked], values[picked]))
                    blocks.append(_between(with_origin, _grid_from_origin(each.forecast.grid), times))
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


def _curves(each: QueryForecast) -> tuple[tuple[Family, NDArray[np.float64], NDArray[np.float64]], ...]:
    """Each curve's family, its values (n_series, n_steps), and where it sets out (n_series,).

    The way to the first step is as uncertain as the first step itself: its bounds are held, and widened if need be
    to hold the observation.
    """
    forecast = each.forecast
    first = forecast.point[:, 0]
    origin = np.where(np.isfinite(each.observed), each.observed, first)
    return (
        (CURVE, forecast.point, origin),
        (CURVE_LOWER, forecast.lower, np.minimum(forecast.lower[:, 0], origin)),
        (CURVE_UPPER, forecast.upper, np.maximum(forecast.upper[:, 0], origin)),
    )


def _grid_from_origin(grid: Grid) -> Grid:
    """The forecast's grid and the instant before it, that of the newest observation."""
    return Grid(grid.start_ms - grid.step_ms, grid.step_ms, grid.n_steps + 1)


def _matching(each: QueryForecast, own: dict[str, str], matchers: Sequence[Matcher]) -> dict[LabelSet, int]:
    """Labels as shown -> row; of series that look alike once shown, the first, as on the page."""
    ours = [matcher for matcher in matchers if matcher.name in own]
    theirs = [matcher for matcher in matchers if matcher.name not in own]
    if not all(matcher.matches(own) for matcher in ours):
        return {}
    rows: dict[LabelSet, int] = {}
    for row, labels in enumerate(each.forecast.labels):
        shown, _ = exposed_labels(labels, our_labels(each))
        if all(matcher.matches(shown) for matcher in theirs):
            rows.setdefault(LabelSet({**shown, **own}), row)
    return rows


def _instants(each: QueryForecast, time_range: TimeRange) -> NDArray[np.int64]:
    """The curve's instants inside the range, int64 (n_instants,)."""
    grid = _grid_from_origin(each.forecast.grid)
    parts = -(-grid.step_ms // _WIDEST_STEP_MS)
    instants = grid.start_ms + np.arange((grid.n_steps - 1) * parts + 1, dtype=np.int64) * grid.step_ms // parts
    first_ms = max(time_range.start_ms, int(each.made_at_seconds * 1000))
    return instants[(instants >= first_ms) & (instants <= time_range.end_ms)]


def _between(values: NDArray[np.float64], grid: Grid, times_ms: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rows of values (n_rows, grid.n_steps) read at instants inside the grid, linear between its own."""
    position = (times_ms - grid.start_ms) / grid.step_ms
    left = np.minimum(position.astype(np.int64), grid.n_steps - 1)
    right = np.minimum(left + 1, grid.n_steps - 1)
    share = position - left
    result: NDArray[np.float64] = values[:, left] * (1.0 - share) + values[:, right] * share
    return result
