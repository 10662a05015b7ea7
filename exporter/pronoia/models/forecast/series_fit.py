"""SeriesFit: what fitting one series gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.dependence import PRIOR_DEPENDENCE
from pronoia.models.forecast.explain import WEIGHTS_SHAPE
from pronoia.models.forecast.intervals import N_SCORES
from pronoia.models.forecast.knots import make_knots
from pronoia.models.forecast.shift_fit import ShiftFit
from pronoia.models.forecast.sketch import SCORES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.series import LabelSet


@dataclass(frozen=True, slots=True, eq=False)
class SeriesFit:
    """One fitted series; see `FittedForecasts` for the columns it becomes a row of."""

    labels: LabelSet
    model: str
    curve: NDArray[np.float64]
    persistence: NDArray[np.float64]
    sketches: NDArray[np.float64]
    dependence: NDArray[np.float64]
    unit: float
    typical_step: float
    lower_scores: NDArray[np.float64]
    upper_scores: NDArray[np.float64]
    member_weights: NDArray[np.float64]
    loss_ratio: float
    shift: ShiftFit
    is_guarded: bool = False

    @classmethod
    def constant(cls, labels: LabelSet, value: float, settings: ForecastSettings) -> SeriesFit:
        """A series that has never changed: it stays, or follows the newest value should that differ.

        Its interval has no width: of the values seen, all lie in it, and nothing tells how far a change would go.
        """
        n_knots = len(make_knots(settings.horizon_steps))
        return cls(
            labels=labels,
            model="constant",
            curve=np.full(settings.curve_steps + 1, value),
            persistence=np.ones(n_knots),
            sketches=np.zeros((n_knots, len(SCORES))),
            dependence=np.array(PRIOR_DEPENDENCE),
            unit=0.0,
            typical_step=0.0,
            lower_scores=np.full((N_SCORES, n_knots), np.nan),
            upper_scores=np.full((N_SCORES, n_knots), np.nan),
            member_weights=np.zeros(WEIGHTS_SHAPE),
            loss_ratio=np.nan,
            shift=ShiftFit.none(settings, n_knots),
        )
