"""Member R: what follows the level of the last two hundred steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.features import RECENT, Features
from pronoia.models.forecast.ensemble.regression import LocalRegression

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RecentLevel(LocalRegression):
    """Shrinks to the mean of the last 216 values, and so stays where the series is."""

    name = "recent-level"
    span = 12_000
    half_life = 2.0
    ridge = 0.005

    def base(self, features: Features) -> NDArray[np.float64]:
        """The mean of the last 216 values."""
        return features.levels[:, :, RECENT]

    def level_columns(self, features: Features) -> NDArray[np.float64]:
        """All other levels, against that one."""
        others = np.delete(features.levels, RECENT, axis=2)
        columns: NDArray[np.float64] = others - features.levels[:, :, RECENT, None]
        return columns
