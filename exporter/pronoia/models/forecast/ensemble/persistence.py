"""Member P: the last value, and how far the series usually moves from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.anchors import choose_anchors
from pronoia.models.forecast.ensemble.quantiles import weighted_quantiles
from pronoia.models.forecast.knots import knot_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel

_SPAN = 4_000
_HALF_LIFE = 0.5


class Persistence:
    """The last value plus quantiles of past changes over the same number of steps.

    Right for plateaus and steps, also at levels never seen before: where most changes are zero, so is the median's.
    Poor for noise around a level.
    """

    name = "persistence"
    # Trusted where the backtest speaks clearly for it; on the benches 0.1 .. 0.5 do the same.
    seen_share = 0.3
    pretrained = False
    exact = True
    follows = True

    def fit(
        self, panel: Panel, periods: NDArray[np.int64], ends: NDArray[np.int64], knots: NDArray[np.int64]
    ) -> FittedPersistence:
        """Take the quantiles of the changes at the anchors."""
        anchors = choose_anchors(panel, np.zeros_like(periods), ends, knots, span=_SPAN, half_life=_HALF_LIFE)
        rows = np.arange(panel.n_series)[:, None, None]
        last = panel.values[rows, np.maximum(anchors.origins - 1, 0)]
        changes = panel.values[rows, anchors.targets] - last
        shape = (panel.n_series * len(knots), -1)
        offsets = weighted_quantiles(changes.reshape(shape), anchors.weights.reshape(shape))
        offsets = offsets.reshape(panel.n_series, len(knots), -1)
        fitted = anchors.weights.sum(axis=2) > 0.0
        carried = np.maximum.accumulate(np.where(fitted, np.arange(len(knots)), 0), axis=1)[:, :, None]
        return FittedPersistence(knots, np.take_along_axis(offsets, carried, axis=1), ends > panel.first)

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> FittedPersistence:
        """The fitted persistence whose arrays these are."""
        return FittedPersistence(**arrays)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class FittedPersistence:
    """Changes to come.

    Args:
        knots: int64 (n_knots,).
        offsets: float64 (n_series, n_knots, 15), quantiles of the change, the panel's unit.
        speaks: bool (n_series,), whether there is a last value.
    """

    knots: NDArray[np.int64]
    offsets: NDArray[np.float64]
    speaks: NDArray[np.bool_]

    def quantiles(self, panel: Panel, origins: NDArray[np.int64], ahead: NDArray[np.int64]) -> NDArray[np.float64]:
        """The last value at every horizon, plus the change's quantiles."""
        every = knot_weights(self.knots, int(ahead[-1]))[:, ahead - 1].T
        last = np.take_along_axis(panel.values, np.maximum(origins - 1, 0), axis=1)
        offsets = np.matmul(every, self.offsets).transpose(0, 2, 1)
        forecast: NDArray[np.float64] = last[:, :, None, None] + offsets[:, None]
        forecast[~self.speaks] = np.nan
        return forecast

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All fields."""
        return {"knots": self.knots, "offsets": self.offsets, "speaks": self.speaks}
