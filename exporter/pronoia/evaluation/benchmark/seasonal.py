"""The protocol's seasonal naive forecast: the yardstick, and the check that our harness is the published one."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.benchmark.protocol import season_steps
from pronoia.models.forecast.prepare import forward_fill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def seasonal_naive(
    values: NDArray[np.float64], *, step_seconds: float, horizon: int, quantiles: Sequence[float]
) -> NDArray[np.float64]:
    """The last season again and again, with normal intervals that widen with every season ahead.

    The intervals are StatsForecast's, which the published row was made with: the standard deviation of the seasonal
    differences, times the root of the number of seasons ahead. Fewer values than a season repeat the last value.

    Args:
        values: float64 (n_series, n_steps), NaN where there is no sample; each series holds at least one.
        step_seconds: distance of two values.
        horizon: steps ahead.
        quantiles: shares in (0, 1).

    Returns:
        float64 (n_series, n_quantiles, horizon).
    """
    scores = np.array([NormalDist().inv_cdf(share) for share in quantiles])
    forecast = np.empty((len(values), len(scores), horizon))
    for row, series in enumerate(values):
        seen = forward_fill(series[int(np.flatnonzero(np.isfinite(series))[0]) :])
        season = season_steps(step_seconds)
        season = season if len(seen) > season else 1
        ahead = np.arange(horizon)
        point = seen[len(seen) - season :][ahead % season]
        differences = seen[season:] - seen[:-season]
        sigma = float(np.sqrt(np.square(differences).mean())) if len(differences) else 0.0
        forecast[row] = point + scores[:, None] * sigma * np.sqrt(ahead // season + 1.0)
    return forecast
