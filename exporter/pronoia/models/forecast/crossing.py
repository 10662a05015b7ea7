"""Time to a threshold: when a forecast and its bounds reach a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from pronoia.predictions.forecast import ThresholdCrossing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.predictions.forecast import Forecast

Direction = Literal["up", "down", "auto"]


def threshold_crossings(
    forecast: Forecast, threshold: float, observed: NDArray[np.float64], direction: Direction = "auto"
) -> tuple[ThresholdCrossing, ...]:
    """When each series crosses a threshold, in seconds from the forecast's origin.

    The point forecast gives the time, the bound nearer to the threshold the earliest and the one farther from it the
    latest; all linear between instants, from the observed value at the origin on. A series already beyond has 0.

    Args:
        forecast: n_series forecasts; the origin lies one step before its grid.
        threshold: in the source's unit.
        observed: float64 (n_series,), values at the origin; where NaN, the first forecast value stands in.
        direction: `up` and `down` ask for values at or above, at or below the threshold; `auto` asks for the side on
            which the observed value is not (a value on the threshold itself has crossed).

    Returns:
        only series whose point forecast crosses within the horizon, in the forecast's order.
    """
    origin = np.where(np.isfinite(observed), observed, forecast.point[:, 0])
    rising = origin < threshold if direction == "auto" else np.full(forecast.n_series, direction == "up")
    # Seen from below, whichever way the crossing goes.
    sign = np.where(rising, 1.0, -1.0)[:, None]
    limit = threshold * sign[:, 0]
    start = origin * sign[:, 0]
    point = _first_reach(start, forecast.point * sign, limit)
    near = _first_reach(start, np.where(rising[:, None], forecast.upper, -forecast.lower), limit)
    far = _first_reach(start, np.where(rising[:, None], forecast.lower, -forecast.upper), limit)
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


def _first_reach(
    start: NDArray[np.float64], path: NDArray[np.float64], limit: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Steps until each row first is at or above its limit, with a fraction; infinite if it never is."""
    whole = np.concatenate([start[:, None], path], axis=1)
    beyond = whole >= limit[:, None]
    first = np.argmax(beyond, axis=1)
    rows = np.arange(len(whole))
    before, after = whole[rows, np.maximum(first - 1, 0)], whole[rows, first]
    rise = after - before
    share = np.where(rise > 0.0, (limit - before) / np.where(rise > 0.0, rise, 1.0), 1.0)
    steps: NDArray[np.float64] = np.where(first == 0, 0.0, first - 1.0 + np.clip(share, 0.0, 1.0))
    return np.where(beyond.any(axis=1), steps, np.inf)
