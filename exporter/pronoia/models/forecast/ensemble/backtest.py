"""Backtest inside the history: each member is fitted without the newest stretch and forecasts into it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.quantiles import DECILES, SHARES, rising

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.member import FittedMember
    from pronoia.models.forecast.ensemble.panel import Panel

#: First horizon of each bucket in which losses are summed up and weights chosen.
BUCKETS = (1, 4, 13, 49, 145)

_N_ORIGINS = 12
_TAIL_SHARE = 0.12
_TAIL_HORIZONS = 2.5
_MOST_TAIL = 1.0 / 3.0
# Horizons that speak for a bucket, evenly spread.
_HORIZONS_PER_BUCKET = 12


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """The question put to every member.

    Args:
        ends: int64 (n_series,), index of the first value that a member may not be fitted to.
        origins: int64 (n_series, 12), from which it forecasts, the first at the end of what it was fitted to.
        ahead: int64 (n_ahead,), horizons that are judged.
    """

    ends: NDArray[np.int64]
    origins: NDArray[np.int64]
    ahead: NDArray[np.int64]


def make_trial(panel: Panel, horizon: int) -> Trial:
    """Twelve origins in the newest 12 % of each history, or two and a half horizons, at most a third of it."""
    tail = np.maximum(_TAIL_SHARE * panel.lengths, _TAIL_HORIZONS * horizon)
    tail = np.minimum(tail, _MOST_TAIL * panel.lengths).astype(np.int64)
    ends = panel.n_steps - tail
    last = panel.n_steps - np.minimum(horizon, tail // 2)
    fraction = np.linspace(0.0, 1.0, _N_ORIGINS)
    origins = ends[:, None] + ((last - ends)[:, None] * fraction).astype(np.int64)
    return Trial(ends, np.minimum(origins, panel.n_steps), judged_horizons(horizon))


def judged_horizons(horizon: int) -> NDArray[np.int64]:
    """At most twelve horizons of each bucket.

    >>> judged_horizons(6).tolist()
    [1, 2, 3, 4, 5, 6]
    """
    edges = [*(start for start in BUCKETS if start <= horizon), horizon + 1]
    spans = [np.linspace(a, b - 1, _HORIZONS_PER_BUCKET) for a, b in pairwise(edges)]
    return np.unique(np.round(np.concatenate(spans)).astype(np.int64))


def ask(panel: Panel, trial: Trial, fitted: FittedMember) -> NDArray[np.float64]:
    """What a member says in the backtest, float64 (n_series, n_origins, 15, n_ahead), increasing over the shares."""
    return rising(fitted.quantiles(panel, trial.origins, trial.ahead), axis=2)


def bucket_losses(panel: Panel, trial: Trial, said: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean pinball loss over the deciles, the origins and the horizons of each bucket.

    Args:
        panel: the series.
        trial: what was asked.
        said: float64 (n_series, n_origins, 15, n_ahead), from `ask`.

    Returns:
        float64 (n_series, 5), the panel's unit; NaN where no truth is known or the member has nothing to say.
    """
    forecast = said[:, :, DECILES]
    targets = trial.origins[:, :, None] + trial.ahead - 1
    inside = np.minimum(targets, panel.n_steps - 1)
    rows = np.arange(panel.n_series)[:, None, None]
    known = np.isfinite(panel.truth[rows, inside]) & (targets < panel.n_steps)
    errors = panel.values[rows, inside][:, :, None] - forecast
    shares = np.array(SHARES[DECILES])[:, None]
    losses = np.maximum(shares * errors, (shares - 1.0) * errors).mean(axis=2)
    bucket = np.searchsorted(BUCKETS, trial.ahead, side="right") - 1
    means = np.full((panel.n_series, len(BUCKETS)), np.nan)
    for i in range(int(bucket[-1]) + 1):
        mask = known[:, :, bucket == i]
        count = mask.sum(axis=(1, 2))
        total = np.where(mask, losses[:, :, bucket == i], 0.0).sum(axis=(1, 2))
        means[:, i] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return means
