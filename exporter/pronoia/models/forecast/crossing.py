"""Time to a threshold: when a forecast and its bounds reach a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from pronoia.predictions.forecast import ThresholdCrossing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.predictions.forecast import Forecast

Direction = Literal["up", "down"]


def threshold_crossings(
    forecast: Forecast, threshold: float, observed: NDArray[np.float64], direction: Direction
) -> tuple[ThresholdCrossing, ...]:
    """When each series crosses a threshold, in seconds from the forecast's origin.

    The point forecast gives the time, the bound nearer to the threshold the earliest and the one farther from it the
    latest; all linear between instants, from the observed value at the origin on. A series already beyond has 0.

    Args:
        forecast: n_series forecasts; the origin lies one step before its grid.
        threshold: in the source's unit.
        observed: float64 (n_series,), values at the origin; where NaN, the first forecast value stands in.
        direction: `up` asks when values are at or above the threshold, `down` when they are at or below it.

    Returns:
        only series whose point forecast crosses within the horizon, in the forecast's order.
    """
    origin = np.where(np.isfinite(observed), observed, forecast.point[:, 0])
    # Seen from below, whichever way the crossing goes.
    if direction == "up":
        start, limit, paths = origin, threshold, (forecast.point, forecast.upper, forecast.lower)
    else:
        start, limit, paths = -origin, -threshold, (-forecast.point, -forecast.lower, -forecast.upper)
    point, near, far = (_first_reach(start, path, limit) for path in paths)
    seconds = forecast.grid.step_ms / 1000.0
    return tuple(
        ThresholdCrossing(
            labels=forecast.labels[i],
            threshold=threshold,
            eta_seconds=float(point[i]) * seconds,
            lower_seconds=float(near[i]) * seconds,
            upper_seconds=float(far[i]) * seconds,
        )
        for i in np.flatnonzero(np.isfinite(point))
    )


def _first_reach(start: NDArray[np.float64], path: NDArray[np.float64], limit: float) -> NDArray[np.float64]:
    """Steps until each row first is at or above the limit, with a fraction; infinite if it never is."""
    whole = np.concatenate([start[:, None], path], axis=1)
    beyond = whole >= limit
    first = np.argmax(beyond, axis=1)
    rows = np.arange(len(whole))
    before, after = whole[rows, np.maximum(first - 1, 0)], whole[rows, first]
    rise = after - before
    share = np.where(rise > 0.0, (limit - before) / np.where(rise > 0.0, rise, 1.0), 1.0)
    steps: NDArray[np.float64] = np.where(first == 0, 0.0, first - 1.0 + np.clip(share, 0.0, 1.0))
    return np.where(beyond.any(axis=1), steps, np.inf)
