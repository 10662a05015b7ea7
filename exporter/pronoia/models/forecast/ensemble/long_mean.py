"""Member H: what follows the increments from level to level, towards the mean of the whole history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.features import ALL, Features
from pronoia.models.forecast.ensemble.regression import LocalRegression

if TYPE_CHECKING:
    from numpy.typing import NDArray


class LongMean(LocalRegression):
    """Shrinks to the mean of all values: best for series that return, worst for levels never seen before."""

    name = "long-mean"
    span = 16_000
    half_life = 5.0
    ridge = 0.02

    def base(self, features: Features) -> NDArray[np.float64]:
        """The mean of everything before the origin."""
        return features.levels[:, :, ALL]

    def level_columns(self, features: Features) -> NDArray[np.float64]:
        """Each level against the next longer one."""
        columns: NDArray[np.float64] = -np.diff(features.levels, axis=2)
        return columns
