"""How errors of one forecast go together over its horizon, and normal scores drawn so.

Quantiles say how far off each instant may be, not whether a forecast that is too low now will still be so in an hour.
What asks for whole paths (the time until a threshold, the mean or the maximum of a day) needs that. A Gaussian copula
joins the instants: the normal scores of the errors at horizons k < l correlate by
`share * (k / l) ** decay + (1 - share) * persistence ** (l - k)`. The first part is a level that is off and wanders (a
random walk's errors have a decay of 1/2), the second passes sooner.

References:
    Pinson et al., From probabilistic forecasts to statistical scenarios, Wind Energy 12(1), 2009 (Gaussian copula over
    horizons).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Share, decay and persistence of a series without evidence.
PRIOR_DEPENDENCE = (0.6, 0.3, 0.8)

# Candidates of the three parameters.
_SHARES = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 0.95])
_DECAYS = np.array([0.02, 0.1, 0.3, 0.5])
_PERSISTENCES = np.array([0.0, 0.4, 0.7, 0.9, 0.97])
# How many independent paths the prior counts as.
_PRIOR_PATHS = 8.0
_FEWEST_PATHS = 4


def fit_dependence(scores: NDArray[np.float64], ahead: NDArray[np.int64]) -> NDArray[np.float64]:
    """How the errors of one series go together.

    Args:
        scores: float64 (n_paths, n_ahead), normal scores of a backtest's errors; NaN where there is no truth.
        ahead: int64 (n_ahead,), their horizons in steps, increasing.

    Returns:
        float64 (3,): share, decay, persistence; each pair's correlation is drawn towards the prior's by as much as the
        paths are few.
    """
    i, j = _pairs(ahead)
    if not len(i):
        return np.array(PRIOR_DEPENDENCE)
    a, b = scores[:, i], scores[:, j]
    both = np.isfinite(a) & np.isfinite(b)
    a, b = np.where(both, a, 0.0), np.where(both, b, 0.0)
    size = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    seen = np.where(size > 0.0, (a * b).sum(axis=0) / np.where(size > 0.0, size, 1.0), 0.0)
    count = both.sum(axis=0) * (size > 0.0)
    count = np.where(count >= _FEWEST_PATHS, count, 0)
    prior = _correlation(np.array(PRIOR_DEPENDENCE), ahead[i], ahead[j])
    target = (count * seen + _PRIOR_PATHS * prior) / (count + _PRIOR_PATHS)
    grid = np.stack(np.meshgrid(_SHARES, _DECAYS, _PERSISTENCES, indexing="ij"), axis=-1).reshape(-1, 3)
    misfit = ((_correlation(grid[:, :, None], ahead[i], ahead[j]) - target) ** 2).sum(axis=1)
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


def _pairs(ahead: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of horizons that are compared: those nearest to powers of two, and one, two, four, ... steps on."""
    powers = 2 ** np.arange(int(np.log2(max(int(ahead[-1]), 1))) + 1)
    wanted = np.array([(k, k + lag) for k in powers for lag in powers if k + lag <= ahead[-1]], dtype=np.int64)
    if not len(wanted):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    middles = 0.5 * (ahead[1:] + ahead[:-1])
    places = np.unique(np.searchsorted(middles, wanted), axis=0)
    apart = places[places[:, 0] < places[:, 1]]
    return apart[:, 0], apart[:, 1]


def _correlation(
    dependence: NDArray[np.float64], first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Correlation of the scores at two horizons; parameters along the last axis but one, if any."""
    share, decay, persistence = np.moveaxis(dependence, 1 if dependence.ndim > 1 else 0, 0)
    lasting, passing = share * (first / second) ** decay, (1.0 - share) * persistence ** (second - first)
    correlation: NDArray[np.float64] = lasting + passing
    return correlation
