"""What a fit tells of itself: weights of the ensemble's members, backtested losses, factors on intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.contract import WeighedMembers
from pronoia.models.forecast.ensemble.backtest import BUCKETS
from pronoia.models.forecast.ensemble.registry import MEMBERS
from pronoia.predictions.explanation import Explanation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.contract import FittedPointForecaster
    from pronoia.models.forecast.fitted import FittedForecasts

#: Shape of one series' weights: members of the ensemble, buckets of horizons.
WEIGHTS_SHAPE = (len(MEMBERS), len(BUCKETS))


def weights_of(fitted: FittedPointForecaster) -> NDArray[np.float64]:
    """The weights inside a fitted member, float64 (6, 5); zeros where it does not weigh any."""
    return fitted.member_weights if isinstance(fitted, WeighedMembers) else np.zeros(WEIGHTS_SHAPE)


def explain(fitted: FittedForecasts) -> Explanation:
    """What a fit tells of its series, without the buckets that its horizon does not reach."""
    step_seconds = fitted.settings.step_ms / 1_000
    n_buckets = sum(start <= fitted.settings.horizon_steps for start in BUCKETS)
    return Explanation(
        members=tuple(member.name for member in MEMBERS),
        bucket_starts_seconds=np.array(BUCKETS[:n_buckets]) * step_seconds,
        weights=fitted.member_weights[:, :, :n_buckets].astype(np.float64),
        loss_ratios=fitted.loss_ratios.astype(np.float64),
        fitted_at_seconds=np.broadcast_to(np.asarray(fitted.fitted_at_ms) / 1_000, (fitted.n_series,)),
        knots_seconds=fitted.knots.astype(np.float64) * step_seconds,
        interval_factors=np.exp(fitted.widening[:, fitted.levels.index(fitted.settings.level)]),
    )
