"""Sampled paths: futures of whole series, for what a bound at single instants cannot tell.

The greatest value of the next day, its mean and the time at which a threshold is reached depend on how errors of
neighbouring instants go together. A Gaussian copula joins the calibrated distributions of the instants: the errors'
normal scores at horizons k and l correlate by `share * (k / l) ** decay + (1 - share) * persistence ** |k - l|`. The
first part is a level that is off and wanders (a random walk's errors have a decay of 1/2), the second passes sooner.

References:
    Pinson et al., From probabilistic forecasts to statistical scenarios, Wind Energy 12(1), 2009 (Gaussian copula over
    horizons).
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.sketch import SCORES, lower_scores, upper_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.predictions.forecast import Forecast

#: Levels of the intervals between whose bounds a path's values are interpolated.
PATH_LEVELS = (0.2, 0.5, 0.8, 0.9, 0.95, 0.99)
#: Share, decay and persistence of a series without evidence.
PRIOR_DEPENDENCE = (0.6, 0.3, 0.8)

# Candidates of the three parameters.
_SHARES = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 0.95])
_DECAYS = np.array([0.02, 0.1, 0.3, 0.5])
_PERSISTENCES = np.array([0.0, 0.4, 0.7, 0.9, 0.97])
# How many independent paths the prior counts as.
_PRIOR_PATHS = 8.0
_FEWEST_PATHS = 4
# Greatest normal score of a path: one instant in 30 000.
_MOST = 4.0


def fit_dependence(
    errors: NDArray[np.float64], sketches: NDArray[np.float64], weights: NDArray[np.float64], unit: float
) -> NDArray[np.float64]:
    """How the errors of one series go together over the horizon.

    Args:
        errors: float64 (n_paths, horizon) of the backtest; NaN where there is no truth.
        sketches: float64 (n_knots, 13) on the errors' scale.
        weights: float64 (n_knots, horizon) from `knot_weights`.
        unit: as in `sketch.errors_at`.

    Returns:
        float64 (3,): share, decay, persistence; each pair's correlation is drawn towards the prior's by as much as the
        paths are few.
    """
    horizon = errors.shape[1]
    first, second = _pairs(horizon)
    if not len(first):
        return np.array(PRIOR_DEPENDENCE)
    scores = _middle_scores(errors, sketches, weights, unit)
    a, b = scores[:, first], scores[:, second]
    both = np.isfinite(a) & np.isfinite(b)
    a, b = np.where(both, a, 0.0), np.where(both, b, 0.0)
    size = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    seen = np.where(size > 0.0, (a * b).sum(axis=0) / np.where(size > 0.0, size, 1.0), 0.0)
    count = both.sum(axis=0) * (size > 0.0)
    count = np.where(count >= _FEWEST_PATHS, count, 0)
    prior = _correlation(np.array(PRIOR_DEPENDENCE), first + 1, second + 1)
    target = (count * seen + _PRIOR_PATHS * prior) / (count + _PRIOR_PATHS)
    grid = np.stack(np.meshgrid(_SHARES, _DECAYS, _PERSISTENCES, indexing="ij"), axis=-1).reshape(-1, 3)
    misfit = ((_correlation(grid[:, :, None], first + 1, second + 1) - target) ** 2).sum(axis=1)
    best: NDArray[np.float64] = grid[int(np.argmin(misfit))]
    return best


def sample_scores(
    dependence: NDArray[np.float64], n_steps: int, n_paths: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Standard normal scores with the series' dependence over the horizon.

    Both parts are Markov chains over the horizon, so the cost is linear in it.

    Args:
        dependence: float64 (n_series, 3), see `fit_dependence`.
        n_steps: length of a path.
        n_paths: paths per series.
        rng: source of chance.

    Returns:
        float64 (n_series, n_paths, n_steps).
    """
    share, decay, persistence = (dependence[:, i, None] for i in range(3))
    wandering = rng.standard_normal((len(dependence), n_paths))
    passing = rng.standard_normal((len(dependence), n_paths))
    scores = np.empty((len(dependence), n_paths, n_steps))
    for step in range(n_steps):
        if step:
            kept = (step / (step + 1.0)) ** decay
            noise = rng.standard_normal((2, len(dependence), n_paths))
            wandering = kept * wandering + np.sqrt(1.0 - kept**2) * noise[0]
            passing = persistence * passing + np.sqrt(1.0 - persistence**2) * noise[1]
        scores[:, :, step] = np.sqrt(share) * wandering + np.sqrt(1.0 - share) * passing
    return scores


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


def _pairs(horizon: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of horizons that are compared: powers of two, and one, two, four, ... steps on."""
    powers = 2 ** np.arange(int(np.log2(max(horizon, 1))) + 1)
    pairs = np.array([(k - 1, k + lag - 1) for k in powers for lag in powers if k + lag <= horizon], dtype=np.int64)
    return (pairs[:, 0], pairs[:, 1]) if len(pairs) else (np.empty(0, np.int64), np.empty(0, np.int64))


def _correlation(
    dependence: NDArray[np.float64], first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Correlation of the scores at two horizons, counted from one; parameters along the last axis but one, if any."""
    share, decay, persistence = np.moveaxis(dependence, 1 if dependence.ndim > 1 else 0, 0)
    correlation: NDArray[np.float64] = share * (first / second) ** decay + (1.0 - share) * persistence ** (
        second - first
    )
    return correlation


def _middle_scores(
    errors: NDArray[np.float64], sketches: NDArray[np.float64], weights: NDArray[np.float64], unit: float
) -> NDArray[np.float64]:
    """Normal scores of errors, float64 (n_paths, horizon); an error that many share has the middle of its scores."""
    at_steps = np.broadcast_to((sketches.T @ weights).T, (*errors.shape, len(SCORES)))
    units = np.full(errors.shape, unit)
    middle = 0.5 * (lower_scores(errors, at_steps, units) + upper_scores(errors, at_steps, units))
    limited: NDArray[np.float64] = np.clip(middle, SCORES[0], SCORES[-1])
    return limited
