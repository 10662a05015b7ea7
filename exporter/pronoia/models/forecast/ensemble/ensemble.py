"""The ensemble itself: fit the members, weigh them, average their quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.analogs import Analogs
from pronoia.models.forecast.ensemble.backtest import bucket_losses, make_trial
from pronoia.models.forecast.ensemble.limits import limits
from pronoia.models.forecast.ensemble.long_mean import LongMean
from pronoia.models.forecast.ensemble.network_prior import NetworkPrior
from pronoia.models.forecast.ensemble.panel import make_panel
from pronoia.models.forecast.ensemble.periods import find_periods
from pronoia.models.forecast.ensemble.recent_level import RecentLevel
from pronoia.models.forecast.ensemble.weights import bucket_weights, first_weights, horizon_weights
from pronoia.models.forecast.knots import make_knots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.member import FittedMember, Member

#: The members, in the order of their weights.
MEMBERS: tuple[Member, ...] = (NetworkPrior(), RecentLevel(), LongMean(), Analogs())


@dataclass(frozen=True, slots=True, eq=False)
class FittedEnsemble:
    """Members fitted to n_series series.

    Args:
        members: the fitted members by name.
        weights: float64 (n_members, n_series, n_buckets), summing to one over the members.
        horizon: the furthest step ahead.
        step_seconds: distance of two values.
    """

    members: dict[str, FittedMember]
    weights: NDArray[np.float64]
    horizon: int
    step_seconds: float

    def forecast(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Forecast from the end of a history, which may have gone on since the fit.

        Args:
            values: float64 (n_series, n_steps), source unit, the newest last; NaN where there is no sample.

        Returns:
            float64 (n_series, 15, horizon) at `SHARES`, increasing over the shares, source unit.
        """
        panel = make_panel(values, self.step_seconds)
        ahead = np.arange(1, self.horizon + 1)
        now = np.full((panel.n_series, 1), panel.n_steps)
        weights = horizon_weights(self.weights, self.horizon)
        total = np.zeros((panel.n_series, 1, self.horizon))
        mixture = 0.0
        for weight, member in zip(weights, self.members.values(), strict=True):
            said = np.sort(member.quantiles(panel, now, ahead)[:, 0], axis=1)
            used = weight[:, None, :] * np.isfinite(said[:, :1])
            mixture = mixture + used * np.nan_to_num(said)
            total += used
        mixture = mixture / np.maximum(total, 1e-300)
        bottom, top = limits(panel)
        return np.clip(mixture + panel.centre[:, None, None], bottom[:, None, None], top[:, None, None])


def fit_ensemble(
    values: NDArray[np.float64], *, step_seconds: float, horizon: int, members: tuple[Member, ...] = MEMBERS
) -> FittedEnsemble:
    """Fit all members to all series, and weigh them by a backtest in the newest part of each history.

    Args:
        values: float64 (n_series, n_steps), source unit, the newest last; NaN where there is no sample.
        step_seconds: distance of two values.
        horizon: the furthest step ahead.
        members: what is averaged.
    """
    panel = make_panel(values, step_seconds)
    periods = find_periods(panel)
    knots = make_knots(horizon)
    trial = make_trial(panel, horizon)
    losses = [bucket_losses(panel, trial, member.fit(panel, periods, trial.ends, knots)) for member in members]
    shares = [first_weights(one.seen_share, panel.lengths, pretrained=one.pretrained) for one in members]
    weights = bucket_weights(np.array(losses), np.array(shares))
    now = np.full(panel.n_series, panel.n_steps)
    fitted = {member.name: member.fit(panel, periods, now, knots) for member in members}
    return FittedEnsemble(fitted, weights, horizon, step_seconds)
