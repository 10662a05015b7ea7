"""How errors of one forecast hang together over its horizon, and normal scores drawn so.

Quantiles say how far off each instant may be, not whether a forecast that is too low now will still be so in an hour.
What asks for whole paths (the time until a threshold, the mean or the maximum of a day) needs that. The normal scores
of the errors are taken as a sum of simple processes, whose shares are fitted to the correlations seen in the backtest:

* one level, the same over the whole horizon;
* a walk, in which horizons h < k correlate by sqrt(h / k), as the errors of a series that wanders do;
* short memories that halve in a few, in some ten and in some forty steps;
* noise of each instant.

All have unit variance, so that paths keep the quantiles of every instant, and drawing costs a few operations a value.

References:
    Gneiting et al., Assessing probabilistic forecasts of multivariate quantities, TEST 17, 2008 (why it matters);
    Schefzik, Thorarinsdottir, Gneiting, Uncertainty quantification in complex simulation models using ensemble copula
    coupling, Statistical Science 28(4), 2013 (marginals and dependence apart).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Steps over which a short memory falls to 1/e.
_MEMORIES = (3.0, 15.0, 60.0)
#: Processes: the level, the walk, the memories, and noise.
N_PROCESSES = 3 + len(_MEMORIES)
# Without evidence.
_PRIOR = np.array([0.15, 0.35, 0.1, 0.1, 0.1, 0.2])
# Forecasts whose errors outweigh the prior by half: each is one draw of the whole path.
_HALF_BELIEVED = 6.0
_MOST_SCORE = 3.0
_ROUNDS = 200


def fit_dependence(scores: NDArray[np.float64], ahead: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shares of the processes.

    Args:
        scores: float64 (n_series, n_forecasts, n_ahead), normal scores of the truths; NaN where there is none.
        ahead: int64 (n_ahead,), their horizons in steps, increasing.

    Returns:
        float64 (n_series, `N_PROCESSES`), not negative, summing to one: of each series, drawn towards those of all.
    """
    kernels = _kernels(ahead)
    products, counts = _products(scores)
    pool = _shares(products.sum(axis=0), counts.sum(axis=0), kernels, _PRIOR, _HALF_BELIEVED)
    return np.array(
        [_shares(p, c, kernels, pool, _HALF_BELIEVED) for p, c in zip(products, counts, strict=True)]
    ).reshape(len(scores), N_PROCESSES)


def draw_scores(
    shares: NDArray[np.float64], horizon: int, n_paths: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Normal scores of paths, float64 (n_series, n_paths, horizon).

    Args:
        shares: float64 (n_series, `N_PROCESSES`), from `fit_dependence`.
        horizon: steps ahead.
        n_paths: how many paths of each series.
        rng: where chance comes from.
    """
    shape = (len(shares), n_paths, horizon)
    weights = np.sqrt(shares)[:, :, None, None]
    scores = weights[:, 0] * rng.standard_normal((*shape[:2], 1))
    walk = np.cumsum(rng.standard_normal(shape), axis=2) / np.sqrt(np.arange(1, horizon + 1))
    scores = scores + weights[:, 1] * walk
    for i, memory in enumerate(_MEMORIES):
        scores += weights[:, 2 + i] * _remembered(rng.standard_normal(shape), float(np.exp(-1.0 / memory)))
    scores += weights[:, -1] * rng.standard_normal(shape)
    return scores


def _kernels(ahead: NDArray[np.int64]) -> NDArray[np.float64]:
    """Correlations of each process between horizons, float64 (`N_PROCESSES`, n_ahead, n_ahead)."""
    k = ahead.astype(np.float64)
    apart = np.abs(k[:, None] - k[None, :])
    walk = np.sqrt(np.minimum.outer(k, k) / np.maximum.outer(k, k))
    return np.stack([np.ones_like(apart), walk, *(np.exp(-apart / memory) for memory in _MEMORIES), np.eye(len(k))])


def _products(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums of products of scores at two horizons, and from how many forecasts, each (n_series, n_ahead, n_ahead)."""
    known = np.isfinite(scores)
    kept = np.where(known, np.clip(np.nan_to_num(scores), -_MOST_SCORE, _MOST_SCORE), 0.0)
    # Scores spread as much as the quantiles were wrong; how they hang together is another matter.
    spread = np.sqrt((kept**2).sum(axis=1) / np.maximum(known.sum(axis=1), 1))
    kept = kept / np.where(spread > 0.0, spread, 1.0)[:, None]
    products = np.einsum("sfa,sfb->sab", kept, kept)
    return products, np.einsum("sfa,sfb->sab", known.astype(np.float64), known.astype(np.float64))


def _shares(
    products: NDArray[np.float64],
    counts: NDArray[np.float64],
    kernels: NDArray[np.float64],
    prior: NDArray[np.float64],
    half_believed: float,
) -> NDArray[np.float64]:
    """Least squares over the simplex between the correlations seen, with the prior's mixed in, and the processes'.

    By multiplicative updates, which keep shares positive (Lee, Seung, Algorithms for non-negative matrix factorization,
    NIPS 2000).
    """
    expected = np.tensordot(prior, kernels, 1)
    seen = np.clip((products + half_believed * expected) / (counts + half_believed), 0.0, 1.0)
    off = ~np.eye(len(seen), dtype=bool)
    if not off.any():
        return prior
    basis = kernels[:-1][:, off]
    wanted, gram = basis @ seen[off], basis @ basis.T
    shares = prior[:-1].copy() + 1e-3
    for _ in range(_ROUNDS):
        shares = shares * wanted / np.maximum(gram @ shares, 1e-12)
    total = shares.sum()
    shares = shares / total if total > 1.0 else shares
    return np.append(shares, max(1.0 - shares.sum(), 0.0))


@compiled
def _remembered(noise: NDArray[np.float64], kept: float) -> NDArray[np.float64]:
    """AR(1) of unit variance along the last axis, in place."""
    added = np.sqrt(1.0 - kept * kept)
    n_series, n_paths, horizon = noise.shape
    for s in range(n_series):
        for p in range(n_paths):
            for h in range(1, horizon):
                noise[s, p, h] = kept * noise[s, p, h - 1] + added * noise[s, p, h]
    return noise
