"""Conformal intervals: how far the backtest's errors went, and how far such bounds would have had to go.

Two steps. Each series has a sketch of its own errors per knot (`sketch_errors`). But errors of the future are larger
than those of the past: few and overlapping samples at long horizons, levels that move. So the backtest is walked once
more in time: at each origin, a sketch from the origins before it whose truth was known by then, and the normal score at
which its bounds would just have held. The quantile of those scores over all series of the query, instead of 1.96, sets
the bounds. `learning.calibration` goes on from there with the errors seen live.

References:
    Romano, Patterson, Candès, Conformalized quantile regression, NeurIPS 2019 (two-sided, asymmetric scores).
    Barber, Candès, Ramdas, Tibshirani, Conformal prediction beyond exchangeability, Annals of Statistics 2023.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.knots import knot_spans
from pronoia.models.forecast.sketch import SCORES, lower_scores, sketch_errors, upper_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Fewest errors that a sketch is made of; knots with less borrow from shorter horizons.
_MIN_ERRORS = 8
# Origins judged per series, and horizons judged per knot: enough for a pool, little to store.
_MAX_JUDGED = 12
_HORIZONS_PER_KNOT = 3
#: Rows of scores stored per series.
N_SCORES = _MAX_JUDGED * _HORIZONS_PER_KNOT
# A score without evidence, relative to the normal's, and how many independent series' worth of evidence it counts as:
# what a few days of backtest say of a horizon of one day is little, and mostly too good.
_PRIOR_RATIO = 1.15
_PRIOR_SERIES = 10.0


def fit_sketches(
    errors: NDArray[np.float64], origins: NDArray[np.int64], knots: NDArray[np.int64]
) -> NDArray[np.float64]:
    """A sketch per knot, from all horizons that are nearer to it than to its neighbours.

    Args:
        errors: float64 (n_origins, n_nows, horizon) from `corrected_errors`.
        origins: int64 (n_origins,), increasing.
        knots: int64 (n_knots,).

    Returns:
        float64 (n_knots, 13). Knots beyond what the history could judge get the last judged sketch, grown with the
        square root of the horizon as a random walk's errors do.
    """
    sketches = np.zeros((len(knots), len(SCORES)))
    judged = -1
    for i, span in enumerate(knot_spans(knots)):
        sample = errors[:, :, span]
        if np.isfinite(sample).sum() >= _MIN_ERRORS:
            seen = np.isfinite(sample).any(axis=(1, 2))
            sketches[i], judged = sketch_errors(sample, _n_independent(origins[seen], int(knots[i]))), i
        elif judged >= 0:
            sketches[i] = sketches[judged] * np.sqrt(knots[i] / knots[judged])
    return sketches


def walk_scores(
    errors: NDArray[np.float64], origins: NDArray[np.int64], knots: NDArray[np.int64], unit: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Normal scores that bounds made from the past alone would have needed.

    Args:
        errors: float64 (n_origins, n_nows, horizon).
        origins: int64 (n_origins,), increasing.
        knots: int64 (n_knots,).
        unit: smallest growth of an error per score beyond a sketch, on the errors' scale.

    Returns:
        scores of the lower and of the upper bound, each float64 (`N_SCORES`, n_knots); NaN where there is none.
    """
    samples, sketches, places = [], [], []
    for i, span in enumerate(knot_spans(knots)):
        inside = errors[:, :, span]
        picks = np.unique(np.linspace(0, inside.shape[2] - 1, _HORIZONS_PER_KNOT).astype(np.int64))
        known_by = np.searchsorted(origins, origins - span.stop, side="right")
        testable = np.flatnonzero(known_by * inside[0].size >= 2 * _MIN_ERRORS)
        if len(testable) > _MAX_JUDGED:
            testable = testable[np.linspace(0, len(testable) - 1, _MAX_JUDGED).astype(np.int64)]
        for row, origin in enumerate(testable):
            past = slice(known_by[origin])
            sketch = sketch_errors(inside[past], _n_independent(origins[past], int(knots[i])))
            for column, pick in enumerate(picks):
                samples.append(inside[origin, 0, pick])
                sketches.append(sketch)
                places.append((row, column, i))
    lower = np.full((_MAX_JUDGED, _HORIZONS_PER_KNOT, len(knots)), np.nan)
    upper = lower.copy()
    if places:
        at, units = tuple(np.array(places).T), np.full(len(places), unit)
        lower[at] = lower_scores(np.array(samples), np.array(sketches), units)
        upper[at] = upper_scores(np.array(samples), np.array(sketches), units)
    shape = (N_SCORES, len(knots))
    return lower.reshape(shape), upper.reshape(shape)


def _n_independent(origins: NDArray[np.int64], k: int) -> float:
    """How many errors at horizon k, one after the other, have room between the origins."""
    return min(1.0 + float(origins[-1] - origins[0]) / k, float(len(origins)))


def pooled_thresholds(scores: NDArray[np.floating], levels: Sequence[float]) -> NDArray[np.float64]:
    """The scores that bounds of these levels need, per knot, from the scores of all series of a query.

    Args:
        scores: float64 (n_series, n_scores, n_knots), needed by upper bounds (or by lower bounds, negated); NaN where
            there is none.
        levels: nominal coverages of two-sided intervals.

    Returns:
        float64 (n_levels, n_knots), not negative: the conformal quantile of the pool at this knot and its neighbours,
        drawn towards a prior by as much as the pool is small.
    """
    n_knots = scores.shape[2]
    shares = 0.5 + np.array(levels) / 2.0
    prior = np.array([NormalDist().inv_cdf(share) for share in shares.tolist()]) * _PRIOR_RATIO
    thresholds = np.repeat(prior[:, None], n_knots, axis=1)
    for i in range(n_knots):
        near = scores[:, :, max(i - 1, 0) : i + 2]
        pool = near[np.isfinite(near)]
        if len(pool) < 2 * _MIN_ERRORS:
            continue
        corrected = np.minimum(np.ceil((len(pool) + 1) * shares) / len(pool), 1.0)
        seen = np.quantile(pool, corrected)
        # Series of one query rise and fall together: a hundred say what ten independent ones would.
        weight = np.sqrt(len(pool) / (3.0 * N_SCORES))
        thresholds[:, i] = (weight * seen + _PRIOR_SERIES * prior) / (weight + _PRIOR_SERIES)
    needed: NDArray[np.float64] = np.maximum(thresholds, 0.0)
    return needed
