"""Sampled paths: futures of whole series, for what a bound at single instants cannot tell.

The calibrated distributions of the instants, joined by how the errors of the backtest go together (`dependence`).
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.dependence import fit_dependence
from pronoia.models.forecast.sketch import SCORES, lower_scores, upper_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.predictions.forecast import Forecast

#: Levels of the intervals between whose bounds a path's values are interpolated.
PATH_LEVELS = (0.2, 0.5, 0.8, 0.9, 0.95, 0.99)
# Greatest normal score of a path: one instant in 30 000.
_MOST = 4.0


def error_dependence(
    errors: NDArray[np.float64], sketches: NDArray[np.float64], weights: NDArray[np.float64], unit: float
) -> NDArray[np.float64]:
    """How the errors of one series go together over the horizon.

    Args:
        errors: float64 (n_paths, horizon) of the backtest; NaN where there is no truth.
        sketches: float64 (n_knots, 13) on the errors' scale.
        weights: float64 (n_knots, horizon) from `knot_weights`.
        unit: as in `sketch.errors_at`.

    Returns:
        float64 (3,), see `dependence.fit_dependence`.
    """
    scores = _middle_scores(errors, sketches, weights, unit)
    return fit_dependence(scores, np.arange(1, errors.shape[1] + 1))


def paths_at(scores: NDArray[np.float64], forecasts: Sequence[Forecast]) -> NDArray[np.float64]:
    """Values at these normal scores: linear in the score between the bounds, and beyond the outermost up to 4.

    Args:
        scores: float64 (n_series, n_paths, n_steps).
        forecasts: the same forecast at increasing levels.

    Returns:
        float64 (n_series, n_paths, n_steps), source unit.
    """
    half = [NormalDist().inv_cdf(0.5 + forecast.level / 2.0) for forecast in forecasts]
    at = np.array([*(-one for one in reversed(half)), 0.0, *half])
    curves = [*(one.lower for one in reversed(forecasts)), forecasts[0].point, *(one.upper for one in forecasts)]
    known = np.stack(curves, axis=1)
    bounded = np.clip(scores, -_MOST, _MOST)
    left = np.clip(np.searchsorted(at, bounded, side="right") - 1, 0, len(at) - 2)
    share = (bounded - at[left]) / (at[left + 1] - at[left])
    low, high = np.take_along_axis(known, left, axis=1), np.take_along_axis(known, left + 1, axis=1)
    paths: NDArray[np.float64] = low + share * (high - low)
    return paths


def _middle_scores(
    errors: NDArray[np.float64], sketches: NDArray[np.float64], weights: NDArray[np.float64], unit: float
) -> NDArray[np.float64]:
    """Normal scores of errors, float64 (n_paths, horizon); an error that many share has the middle of its scores."""
    at_steps = np.broadcast_to((sketches.T @ weights).T, (*errors.shape, len(SCORES)))
    units = np.full(errors.shape, unit)
    middle = 0.5 * (lower_scores(errors, at_steps, units) + upper_scores(errors, at_steps, units))
    limited: NDArray[np.float64] = np.clip(middle, SCORES[0], SCORES[-1])
    return limited
