"""Member Q: the future will be like the last so many values, whatever their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.quantiles import DECILES, SHARES
from pronoia.models.forecast.knots import knot_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel

_WINDOWS = (6, 12, 30, 72, 180, 430, 1_000, 2_400)
# Where the windows are compared: so many instants, evenly over the newest part of the history.
_N_ANCHORS = 80
_SPAN = 4_000
_LEAST_ANCHORS = 6
# Windows are weighed like members: with a power of the loss relative to the best.
_POWER = 8.0
_FLOOR = 0.001


class RecentValues:
    """Quantiles of the last 6 .. 2400 values, averaged over the windows that would have foretold the past best.

    Right for noise around a level, bursts and intermittent series, whose exact zeros it keeps; blind to seasons.
    """

    name = "recent-values"
    seen_share = 1.0
    pretrained = False
    exact = True
    follows = False

    def fit(
        self, panel: Panel, periods: NDArray[np.int64], ends: NDArray[np.int64], knots: NDArray[np.int64]
    ) -> FittedRecentValues:
        """Weigh the windows at past anchors, per knot."""
        del periods
        shape = (panel.n_series, len(knots), len(_WINDOWS))
        weights = np.full(shape, 1.0 / len(_WINDOWS))
        for row, (first, end) in enumerate(zip(panel.first.tolist(), ends.tolist(), strict=True)):
            if end - first > _LEAST_ANCHORS:
                weights[row] = _window_weights(panel.values[row], first, end, knots)
        return FittedRecentValues(knots, weights)

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> FittedRecentValues:
        """The fitted recent values whose arrays these are."""
        return FittedRecentValues(**arrays)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class FittedRecentValues:
    """Which windows to listen to.

    Args:
        knots: int64 (n_knots,).
        weights: float64 (n_series, n_knots, 8), summing to one over the windows.
    """

    knots: NDArray[np.int64]
    weights: NDArray[np.float64]

    def quantiles(self, panel: Panel, origins: NDArray[np.int64], ahead: NDArray[np.int64]) -> NDArray[np.float64]:
        """Quantiles of the windows before each origin, averaged."""
        every = knot_weights(self.knots, int(ahead[-1]))[:, ahead - 1].T
        forecast = np.full((*origins.shape, len(SHARES), len(ahead)), np.nan)
        for row, first in enumerate(panel.first.tolist()):
            mixture = every @ self.weights[row]
            for i, origin in enumerate(origins[row].tolist()):
                if origin > first:
                    forecast[row, i] = (mixture @ window_quantiles(panel.values[row], first, origin)).T
        return forecast

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All fields."""
        return {"knots": self.knots, "weights": self.weights}


def window_quantiles(values: NDArray[np.float64], first: int, origin: int) -> NDArray[np.float64]:
    """Quantiles of the last 6, 12, ... 2400 values before an origin, float64 (8, 15).

    Windows that reach before the first value end there.
    """
    result = np.empty((len(_WINDOWS), len(SHARES)))
    shares = np.array(SHARES)
    for row, window in enumerate(_WINDOWS):
        if row and origin - first <= _WINDOWS[row - 1]:
            result[row] = result[row - 1]
            continue
        ordered = np.sort(values[max(origin - window, first) : origin])
        position = shares * (len(ordered) - 1)
        left = position.astype(np.int64)
        low, high = ordered[left], ordered[np.minimum(left + 1, len(ordered) - 1)]
        # Not low * (1 - share) + high * share, which between equal values may miss them by a rounding.
        result[row] = low + (position - left) * (high - low)
    return result


def _window_weights(values: NDArray[np.float64], first: int, end: int, knots: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights of the windows of one series, float64 (n_knots, 8), from their losses at past anchors."""
    anchors = np.unique(np.linspace(max(first + 1, end - _SPAN), end - 1, _N_ANCHORS).astype(np.int64))
    forecasts = np.array([window_quantiles(values, first, anchor) for anchor in anchors.tolist()])[:, :, DECILES]
    shares = np.array(SHARES[DECILES])
    weights = np.full((len(knots), len(_WINDOWS)), 1.0 / len(_WINDOWS))
    for row, knot in enumerate(knots.tolist()):
        known = anchors + knot <= end
        if known.sum() < _LEAST_ANCHORS:
            weights[row] = weights[max(row - 1, 0)]
            continue
        errors = values[anchors[known] + knot - 1][:, None, None] - forecasts[known]
        losses = np.maximum(shares * errors, (shares - 1.0) * errors).mean(axis=(0, 2))
        losses += _FLOOR * losses.max() + 1e-300
        relative = (losses / losses.min()) ** -_POWER
        weights[row] = relative / relative.sum()
    return weights
