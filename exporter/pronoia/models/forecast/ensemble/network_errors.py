"""Where the network is asked about a series' past, and what its errors there are explained with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.anchors import spread_out
from pronoia.models.forecast.ensemble.features import make_features
from pronoia.models.forecast.prior.outlook import outlook

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel
    from pronoia.models.forecast.prior.network import PriorNetwork

#: Past instants at which the network is asked and its errors are learnt, and the steps over which they are spread.
N_ORIGINS = 200
SPAN = 16_000
# The network has seen at least so much of a series, or a third of it, when it is judged.
_LEAST_SEEN = 256
# Columns reach so many standard deviations: what is further says no more.
_FURTHEST = 8.0


def choose_origins(panel: Panel, ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """200 instants spread over the newest 16 000 steps of each history, int64 (n_series, 200)."""
    lengths = ends - panel.first
    earliest = np.maximum(ends - SPAN, panel.first + np.minimum(_LEAST_SEEN, lengths // 3))
    room = np.maximum(ends - earliest, 0)
    origins: NDArray[np.int64] = earliest[:, None] + (room[:, None] * spread_out(N_ORIGINS)).astype(np.int64)
    return np.clip(origins, np.minimum(panel.first + 1, panel.n_steps)[:, None], panel.n_steps)


def ask(
    network: PriorNetwork, panel: Panel, origins: NDArray[np.int64], ahead: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The network's deciles, float64 (n_series, n_origins, n_ahead, 9)."""
    first = np.minimum(panel.first, panel.n_steps - 1)
    series = [values[begin:] for values, begin in zip(panel.values, first, strict=True)]
    anchors = np.clip(origins - first[:, None], 1, None)
    return outlook(network, series, panel.step_seconds, anchors, ahead, panel.centre)


def error_design(
    panel: Panel,
    periods: NDArray[np.int64],
    origins: NDArray[np.int64],
    ahead: NDArray[np.int64],
    medians: NDArray[np.float64],
    scale: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Levels and profiles against the network's median, and against their own phase, in standard deviations.

    Returns:
        float64 (n_series, n_origins, n_ahead, n_columns).
    """
    n_series, n_origins = origins.shape
    features = make_features(panel, periods, np.repeat(origins, len(ahead), axis=1), np.tile(ahead, n_origins))
    flat = medians.reshape(n_series, -1)
    shape = (*flat.shape, -1)
    parts = [
        features.levels - flat[:, :, None],
        (features.profiles - flat[:, :, None, None]).reshape(shape),
        (features.profiles - features.phases).reshape(shape),
    ]
    columns = np.concatenate(parts, axis=2) / scale[:, None, None]
    columns[np.isnan(columns)] = 0.0
    clipped: NDArray[np.float64] = np.clip(columns, -_FURTHEST, _FURTHEST)
    return clipped.reshape(n_series, n_origins, len(ahead), -1)


def history_spread(panel: Panel, ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard deviation of the history learnt from, float64 (n_series,); one for a constant."""
    spread = np.ones(panel.n_series)
    for row, (first, end) in enumerate(zip(panel.first, ends, strict=True)):
        if end > first:
            spread[row] = panel.values[row, max(first, end - SPAN) : end].std()
    spread[spread <= 0.0] = 1.0
    return spread
