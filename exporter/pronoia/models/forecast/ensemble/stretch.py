"""Stretch: how much wider than the members say the outer quantiles must be to hold what they should.

In the backtest each truth has a normal score under the mixture's quantiles. Were those right, the 97.5 % quantile of
the scores would be 1.96; what it is instead, over 1.96, stretches the outer quantiles of that side and horizon (a
conformal quantile on the scale of normal scores). Twelve origins of a few horizons are little evidence, and a backtest
knows nothing of levels that come for the first time, so the measured stretch is believed by the number of independent
errors behind it, and beside it stands one that grows with the horizon's share of the history. Deciles are left as they
are.

References:
    Romano, Patterson, Candès, Conformalized quantile regression, NeurIPS 2019.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.backtest import BUCKETS
from pronoia.models.forecast.ensemble.quantiles import MEDIAN, SHARES
from pronoia.models.forecast.ensemble.weights import horizon_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.backtest import Trial
    from pronoia.models.forecast.ensemble.panel import Panel

_SCORES = np.array([NormalDist().inv_cdf(share) for share in SHARES])
_SHARE = 0.975
# Without evidence: so much, and so much more per share of the history that the horizon is.
_PRIOR, _PRIOR_GROWTH, _MOST_PRIOR = 1.15, 4.0, 2.65
# Independent errors at which the measured stretch counts half; twelve origins are twelve errors at most.
_HALF_BELIEVED, _MOST_ERRORS = 3.0, 12.0
_LEAST, _MOST = 0.5, 4.0
_FEWEST_TRUTHS = 6
_LEAST_SCORE = 0.2
# Beyond the outermost quantile scores grow with the distance from the median, at least by this share of the usual
# range: at a plateau the distance is nothing.
_LEAST_REACH = 5e-4
_FURTHEST = 30.0


def measure_stretch(panel: Panel, trial: Trial, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factors on the normal scores of the outer quantiles.

    Args:
        panel: the series.
        trial: what was asked in the backtest.
        scores: float64 (n_series, n_origins, n_ahead), from `truth_scores`.

    Returns:
        float64 (2, n_series, n_buckets): below and above; a bucket beyond the horizon says what the last one does.
    """
    by_ahead = np.moveaxis(scores, 2, 0)
    bucket = np.searchsorted(BUCKETS, trial.ahead, side="right") - 1
    span = trial.origins[:, -1] - trial.origins[:, 0]
    stretch = np.ones((2, panel.n_series, len(BUCKETS)))
    for b in range(len(BUCKETS)):
        inside = np.flatnonzero(bucket == min(b, int(bucket[-1])))
        k = float(np.exp(np.log(trial.ahead[inside]).mean()))
        prior = np.minimum(_PRIOR + _PRIOR_GROWTH * k / np.maximum(panel.lengths, 1), _MOST_PRIOR)
        n_errors = np.minimum(1.0 + span / k, _MOST_ERRORS)
        belief = n_errors / (n_errors + _HALF_BELIEVED)
        seen = by_ahead[inside].transpose(1, 0, 2).reshape(panel.n_series, -1)
        for side, sign in enumerate((-1.0, 1.0)):
            measured = _outer_score(sign * seen) / NormalDist().inv_cdf(_SHARE)
            believed = np.where(np.isfinite(measured), belief, 0.0)
            logs = believed * np.log(np.where(np.isfinite(measured), measured, 1.0)) + (1.0 - believed) * np.log(prior)
            stretch[side, :, b] = np.clip(np.exp(logs), _LEAST, _MOST)
    return stretch


def stretched(quantiles: NDArray[np.float64], stretch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move the quantiles outside the deciles to where their score, times the stretch, lies.

    Args:
        quantiles: float64 (n_series, 15, horizon), increasing over the shares.
        stretch: float64 (2, n_series, n_buckets), from `measure_stretch`.

    Returns:
        the same with other outer quantiles, increasing over the shares.
    """
    factors = np.exp(horizon_weights(np.log(stretch), quantiles.shape[2]))
    result = quantiles.copy()
    for i, score in enumerate(_SCORES):
        if SHARES[0] <= SHARES[i] < 0.1 or 0.9 < SHARES[i] <= SHARES[-1]:
            result[:, i] = _at_score(quantiles, score * factors[int(score > 0.0)])
    for i in (2, 1, 0):
        result[:, i] = np.minimum(result[:, i], result[:, i + 1])
    for i in (12, 13, 14):
        result[:, i] = np.maximum(result[:, i], result[:, i - 1])
    return result


def truth_scores(panel: Panel, trial: Trial, mixture: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normal score of each truth under the mixture's quantiles, float64 (n_series, n_origins, n_ahead).

    The mixture is float64 (n_series, n_origins, 15, n_ahead), the ensemble's answers, in the panel's unit.

    NaN where no truth is known. Between quantiles linear; beyond the outermost by the distance from the median; in the
    middle of those that are equal to it.
    """
    targets = trial.origins[:, :, None] + trial.ahead - 1
    rows = np.arange(panel.n_series)[:, None, None]
    truth = panel.truth[rows, np.minimum(targets, panel.n_steps - 1)]
    truth = np.where(targets < panel.n_steps, truth, np.nan)
    by_share = np.moveaxis(mixture, 2, -1)
    value = truth[..., None]
    below, not_above = (by_share < value).sum(axis=-1), (by_share <= value).sum(axis=-1)
    left = np.clip(not_above - 1, 0, len(SHARES) - 2)
    a = np.take_along_axis(by_share, left[..., None], -1)[..., 0]
    b = np.take_along_axis(by_share, left[..., None] + 1, -1)[..., 0]
    share = np.where(b > a, (truth - a) / np.where(b > a, b - a, 1.0), 0.0)
    scores = _SCORES[left] + share * (_SCORES[left + 1] - _SCORES[left])
    equal = not_above - below > 1
    last = len(SHARES) - 1
    middle = 0.5 * (_SCORES[np.minimum(below, last)] + _SCORES[np.clip(not_above - 1, 0, last)])
    scores = np.where(equal, middle, scores)
    least = _LEAST_REACH * (panel.high - panel.low)[:, None, None] + 1e-300
    median = by_share[..., MEDIAN]
    down = np.maximum((median - by_share[..., 0]) / -_SCORES[0], least)
    up = np.maximum((by_share[..., last] - median) / _SCORES[last], least)
    scores = np.where(not_above == 0, _SCORES[0] - (by_share[..., 0] - truth) / down, scores)
    scores = np.where(below == last + 1, _SCORES[last] + (truth - by_share[..., last]) / up, scores)
    return np.where(np.isfinite(truth), np.clip(scores, -_FURTHEST, _FURTHEST), np.nan)


def _outer_score(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """97.5 % quantile of each row, float64 (n_rows,); NaN with too few scores."""
    found = np.full(len(scores), np.nan)
    for row, values in enumerate(scores):
        known = values[np.isfinite(values)]
        if len(known) >= _FEWEST_TRUTHS:
            found[row] = max(float(np.quantile(known, _SHARE)), _LEAST_SCORE)
    return found


def _at_score(quantiles: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The value at a normal score per series and horizon, float64 (n_series, horizon)."""
    last = len(_SCORES) - 1
    left = np.clip(np.searchsorted(_SCORES, scores, side="right") - 1, 0, last - 1)
    a = np.take_along_axis(quantiles, left[:, None], 1)[:, 0]
    b = np.take_along_axis(quantiles, left[:, None] + 1, 1)[:, 0]
    inside = a + (scores - _SCORES[left]) / (_SCORES[left + 1] - _SCORES[left]) * (b - a)
    median = quantiles[:, MEDIAN]
    down = (median - quantiles[:, 0]) / -_SCORES[0]
    up = (quantiles[:, last] - median) / _SCORES[last]
    outside = np.where(
        scores < 0.0, quantiles[:, 0] + (scores - _SCORES[0]) * down, quantiles[:, last] + (scores - _SCORES[last]) * up
    )
    result: NDArray[np.float64] = np.where((scores < _SCORES[0]) | (scores > _SCORES[last]), outside, inside)
    return result
