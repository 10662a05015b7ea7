"""The ensemble itself: fit the members, weigh them by backtest, average their quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.dependence import fit_dependence
from pronoia.models.forecast.ensemble.backtest import ask, bucket_losses, make_trial
from pronoia.models.forecast.ensemble.limits import hold_still, limits
from pronoia.models.forecast.ensemble.mixture import mix
from pronoia.models.forecast.ensemble.novelty import novelty
from pronoia.models.forecast.ensemble.panel import make_panel
from pronoia.models.forecast.ensemble.periods import find_periods
from pronoia.models.forecast.ensemble.quantiles import rising
from pronoia.models.forecast.ensemble.registry import MEMBERS
from pronoia.models.forecast.ensemble.stretch import measure_stretch, stretched, truth_scores
from pronoia.models.forecast.ensemble.weights import bucket_weights, first_weights, give_way, horizon_weights
from pronoia.models.forecast.knots import make_knots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.backtest import Trial
    from pronoia.models.forecast.ensemble.member import FittedMember, Member
    from pronoia.models.forecast.ensemble.panel import Panel

# Series worked on at once: their designs and continuations stay within some hundred megabytes.
_AT_ONCE = 16


@dataclass(frozen=True, slots=True, eq=False)
class FittedEnsemble:
    """Members fitted to n_series series.

    Args:
        members: the members, in the order of the weights.
        fitted: the same, fitted.
        weights: float64 (n_members, n_series, n_buckets), summing to one over the members, or to zero for a series
            too short to judge by.
        stretch: float64 (2, n_series, n_buckets), see `stretch`.
        dependence: float64 (n_series, 3), see `pronoia.models.forecast.dependence`.
        horizon: the furthest step ahead.
        step_seconds: distance of two values.
    """

    members: tuple[Member, ...]
    fitted: tuple[FittedMember, ...]
    weights: NDArray[np.float64]
    stretch: NDArray[np.float64]
    dependence: NDArray[np.float64]
    horizon: int
    step_seconds: float

    @property
    def n_series(self) -> int:
        """Number of series."""
        return int(self.weights.shape[1])

    def forecast(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Forecast from the end of a history, which may have gone on since the fit; some milliseconds a series.

        Args:
            values: float64 (n_series, n_steps), source unit, the newest last; NaN where there is no sample.

        Returns:
            float64 (n_series, 15, horizon) at `SHARES`, increasing over the shares, source unit; NaN for a series
            without any sample.

        Raises:
            ValueError: if the number of series is not that of the fit.
        """
        if len(values) != self.n_series:
            raise ValueError(f"{len(values)} series, the ensemble was fitted to {self.n_series}")
        panel = make_panel(values, self.step_seconds)
        ahead = np.arange(1, self.horizon + 1)
        now = np.full((panel.n_series, 1), panel.n_steps)
        said = np.array([rising(member.quantiles(panel, now, ahead)[:, 0], axis=1) for member in self.fitted])
        exact = np.array([member.exact for member in self.members])
        reach = panel.high - panel.low
        weights = give_way(self.weights, np.array([member.follows for member in self.members]), novelty(panel))
        mixture = stretched(mix(said, horizon_weights(weights, self.horizon), exact, reach), self.stretch)
        bottom, top = limits(panel)
        forecast = np.clip(mixture + panel.centre[:, None, None], bottom[:, None, None], top[:, None, None])
        return hold_still(panel, forecast)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All that was learnt, by name; `restore_ensemble` makes the fitted ensemble of it again."""
        arrays: dict[str, NDArray[np.generic]] = {
            "weights": self.weights,
            "stretch": self.stretch,
            "dependence": self.dependence,
            "horizon": np.array(self.horizon),
            "step_seconds": np.array(self.step_seconds),
        }
        for member, fitted in zip(self.members, self.fitted, strict=True):
            arrays |= {f"{member.name}/{name}": array for name, array in fitted.arrays().items()}
        return arrays


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
    said = [ask(panel, trial, member.fit(panel, periods, trial.ends, knots)) for member in members]
    losses = [bucket_losses(panel, trial, each) for each in said]
    shares = [first_weights(one.seen_share, panel.lengths, pretrained=one.pretrained) for one in members]
    weights = bucket_weights(np.array(losses), np.array(shares))
    exact = np.array([member.exact for member in members])
    scores = truth_scores(panel, trial, _backtested(np.array(said), weights, exact, panel, trial))
    stretch = measure_stretch(panel, trial, scores)
    dependence = np.array([fit_dependence(each, trial.ahead) for each in scores]).reshape(panel.n_series, -1)
    now = np.full(panel.n_series, panel.n_steps)
    fitted = tuple(member.fit(panel, periods, now, knots) for member in members)
    return FittedEnsemble(members, fitted, weights, stretch, dependence, horizon, step_seconds)


def _backtested(
    said: NDArray[np.float64], weights: NDArray[np.float64], exact: NDArray[np.bool_], panel: Panel, trial: Trial
) -> NDArray[np.float64]:
    """What the ensemble would have said in the backtest, float64 (n_series, n_origins, 15, n_ahead)."""
    at_ahead = horizon_weights(weights, int(trial.ahead[-1]))[:, :, trial.ahead - 1]
    reach = panel.high - panel.low
    return np.stack([mix(said[:, :, origin], at_ahead, exact, reach) for origin in range(said.shape[2])], axis=1)


def restore_ensemble(
    arrays: Mapping[str, NDArray[np.generic]], members: tuple[Member, ...] = MEMBERS
) -> FittedEnsemble:
    """The fitted ensemble whose `arrays` these are.

    Args:
        arrays: from `FittedEnsemble.arrays`, perhaps by way of a file.
        members: the members that were fitted, in the same order.
    """
    fitted = []
    for member in members:
        prefix = f"{member.name}/"
        own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        fitted.append(member.restore(own))
    return FittedEnsemble(
        members=members,
        fitted=tuple(fitted),
        weights=arrays["weights"].astype(np.float64),
        stretch=arrays["stretch"].astype(np.float64),
        dependence=arrays["dependence"].astype(np.float64),
        horizon=int(arrays["horizon"]),
        step_seconds=float(arrays["step_seconds"]),
    )


def forecast_quantiles(values: NDArray[np.float64], *, step_seconds: float, horizon: int) -> NDArray[np.float64]:
    """Fit and forecast at once, a few series at a time.

    Args:
        values: float64 (n_series, n_steps), source unit, the newest last; NaN where there is no sample.
        step_seconds: distance of two values.
        horizon: steps ahead.

    Returns:
        float64 (n_series, 15, horizon) at `SHARES`; NaN for a series without any sample.
    """
    return forecast_distribution(values, step_seconds=step_seconds, horizon=horizon)[0]


def forecast_distribution(
    values: NDArray[np.float64], *, step_seconds: float, horizon: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As `forecast_quantiles`, and how errors hang together over the horizon, (n_series, 3)."""
    quantiles, dependence = [], []
    for row in range(0, len(values), _AT_ONCE):
        part = values[row : row + _AT_ONCE]
        fitted = fit_ensemble(part, step_seconds=step_seconds, horizon=horizon)
        quantiles.append(fitted.forecast(part))
        dependence.append(fitted.dependence)
    return np.concatenate(quantiles), np.concatenate(dependence)
