"""Local regressions: what a member that regresses on the features of its own series is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.anchors import N_ANCHORS, choose_anchors
from pronoia.models.forecast.ensemble.features import RECENT, Features, make_features
from pronoia.models.forecast.ensemble.least_absolute import fit_least_absolute
from pronoia.models.forecast.ensemble.quantiles import MEDIAN, weighted_quantiles
from pronoia.models.forecast.ensemble.volatility import mean_steps, residual_scale, restlessness
from pronoia.models.forecast.knots import knot_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel

# A ridge grows with the horizon: a history of n steps holds n / k independent samples of horizon k.
_RIDGE_GROWTH = 50.0
# So many independent samples must there be before half of the residuals' median is taken for a bias.
_BIAS_SAMPLES = 10.0


class LocalRegression(ABC):
    """Least absolute error on levels and profiles, per knot, from 600 anchors of the series itself.

    Assumes that what followed a constellation of levels and phases before will follow it again. Cannot forecast an
    exact plateau; long windows carry rare spikes far, so the panel's values must be clipped.
    """

    name: str
    seen_share = 1.0
    pretrained = False
    exact = False
    follows = False
    span: int
    half_life: float
    ridge: float

    @abstractmethod
    def base(self, features: Features) -> NDArray[np.float64]:
        """The level that coefficients of zero forecast, float64 (n_series, n_rows)."""

    @abstractmethod
    def level_columns(self, features: Features) -> NDArray[np.float64]:
        """Differences of levels, float64 (n_series, n_rows, n_columns)."""

    def design(self, features: Features) -> NDArray[np.float64]:
        """All columns: differences of levels, and profiles against the recent level and against their own phase."""
        shape = (*features.levels.shape[:2], -1)
        above = features.profiles - features.levels[:, :, RECENT, None, None]
        ahead = features.profiles - features.phases
        parts = [self.level_columns(features), above.reshape(shape), ahead.reshape(shape)]
        columns: NDArray[np.float64] = np.concatenate(parts, axis=2)
        columns[np.isnan(columns)] = 0.0
        return columns

    def fit(
        self, panel: Panel, periods: NDArray[np.int64], ends: NDArray[np.int64], knots: NDArray[np.int64]
    ) -> FittedRegression:
        """Solve all series and knots at once."""
        anchors = choose_anchors(panel, periods, ends, knots, span=self.span, half_life=self.half_life)
        n_series, n_knots = panel.n_series, len(knots)
        origins = anchors.origins.reshape(n_series, -1)
        features = make_features(panel, periods, origins, np.repeat(knots, N_ANCHORS))
        values = np.take_along_axis(panel.values, anchors.targets.reshape(n_series, -1), axis=1)
        scale = _spread(panel, ends, self.span)
        target = (values - self.base(features)) / scale[:, None]
        design = self.design(features) / scale[:, None, None]
        shape = (n_series * n_knots, N_ANCHORS)
        weights = anchors.weights.reshape(shape)
        ridge = self.ridge * (1.0 + _RIDGE_GROWTH * knots / np.maximum(anchors.spans, 1.0)[:, None])
        design, target = design.reshape(*shape, -1), target.reshape(shape)
        coefficients = fit_least_absolute(design, target, weights, ridge.ravel())
        residuals = target - np.matmul(design, coefficients[:, :, None])[:, :, 0]

        usual = mean_steps(panel, ends)
        rest = restlessness(panel, origins, usual)
        typical = np.maximum((rest * weights.reshape(rest.shape)).sum(axis=1), 1e-300)
        typical /= np.maximum(weights.reshape(rest.shape).sum(axis=1), 1e-300)
        spread = np.maximum(residual_scale(rest, typical) / scale[:, None], 1e-12).reshape(shape)
        offsets = weighted_quantiles(residuals / spread, weights).reshape(n_series, n_knots, -1)
        offsets = _less_certain(offsets, anchors.spans[:, None] / knots)
        fitted = weights.sum(axis=1).reshape(n_series, n_knots) > 0.0
        carried = np.maximum.accumulate(np.where(fitted, np.arange(n_knots), 0), axis=1)[:, :, None]
        return FittedRegression(
            regression=self,
            periods=periods,
            knots=knots,
            coefficients=np.take_along_axis(coefficients.reshape(n_series, n_knots, -1), carried, axis=1),
            offsets=np.take_along_axis(offsets, carried, axis=1),
            usual=usual,
            typical=typical,
            speaks=fitted.any(axis=1),
        )

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> FittedRegression:
        """The fitted regression whose arrays these are."""
        return FittedRegression(regression=self, **arrays)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class FittedRegression:
    """Coefficients without a unit, so that they hold for a panel that is centred elsewhere.

    Args:
        regression: what was fitted.
        periods: int64 (n_series, n_slots), what the profiles repeat with.
        knots: int64 (n_knots,).
        coefficients: float64 (n_series, n_knots, n_columns).
        offsets: float64 (n_series, n_knots, 15), quantiles of the residuals in units of the restlessness.
        usual: float64 (n_series,), mean absolute step, the panel's unit.
        typical: float64 (n_series,), mean restlessness at the anchors, the panel's unit.
        speaks: bool (n_series,), whether there was anything to learn from.
    """

    regression: LocalRegression
    periods: NDArray[np.int64]
    knots: NDArray[np.int64]
    coefficients: NDArray[np.float64]
    offsets: NDArray[np.float64]
    usual: NDArray[np.float64]
    typical: NDArray[np.float64]
    speaks: NDArray[np.bool_]

    def quantiles(self, panel: Panel, origins: NDArray[np.int64], ahead: NDArray[np.int64]) -> NDArray[np.float64]:
        """Levels and profiles at the origins, with the coefficients of the knots around each horizon."""
        n_series, n_origins = origins.shape
        every = knot_weights(self.knots, int(ahead[-1]))[:, ahead - 1].T
        features = make_features(panel, self.periods, np.repeat(origins, len(ahead), axis=1), np.tile(ahead, n_origins))
        shape = (n_series, n_origins, len(ahead))
        design = self.regression.design(features).reshape(*shape, -1)
        base = self.regression.base(features).reshape(shape)
        point = base + np.einsum("sohc,shc->soh", design, np.matmul(every, self.coefficients))
        spread = residual_scale(restlessness(panel, origins, self.usual), self.typical)
        offsets = np.matmul(every, self.offsets).transpose(0, 2, 1)
        forecast: NDArray[np.float64] = point[:, :, None, :] + offsets[:, None] * spread[:, :, None, None]
        forecast[~self.speaks] = np.nan
        return forecast

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All fields but the regression."""
        names = ("periods", "knots", "coefficients", "offsets", "usual", "typical", "speaks")
        return {name: getattr(self, name) for name in names}


def _less_certain(offsets: NDArray[np.float64], n_independent: NDArray[np.float64]) -> NDArray[np.float64]:
    """Residual quantiles as the future will have them: wider than where they were fitted, their median nearer to zero.

    Args:
        offsets: float64 (n_series, n_knots, 15).
        n_independent: float64 (n_series, n_knots), samples of the horizon in the history, one after another.

    Returns:
        float64 (n_series, n_knots, 15).
    """
    n_independent = np.maximum(n_independent, 1e-9)[:, :, None]
    median = offsets[:, :, MEDIAN, None]
    bias = median * n_independent / (n_independent + _BIAS_SAMPLES)
    certain: NDArray[np.float64] = bias + (offsets - median) * np.sqrt(1.0 + 1.0 / n_independent)
    return certain


def _spread(panel: Panel, ends: NDArray[np.int64], span: int) -> NDArray[np.float64]:
    """Standard deviation of the history learnt from, float64 (n_series,); one for a constant."""
    spread = np.ones(panel.n_series)
    for row, (first, end) in enumerate(zip(panel.first, ends, strict=True)):
        if end > first:
            spread[row] = panel.values[row, max(first, end - span) : end].std()
    spread[spread <= 0.0] = 1.0
    return spread
