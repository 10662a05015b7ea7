"""FittedRisk: the probability of one target in one window, for any subject, also one never seen."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from pronoia.models.classifiers.platt import logistic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pronoia.features.matrix import FeatureMatrix
    from pronoia.features.slots import Window
    from pronoia.models.classifiers.boosted_trees import BoostedTrees
    from pronoia.models.classifiers.platt import PlattScaling


@dataclass(frozen=True, slots=True, eq=False)
class FittedRisk:
    """Trees and their calibration.

    Args:
        target: `state` or `onset`.
        window: what it speaks of.
        trees: the classifier.
        platt: its calibration.
    """

    target: str
    window: Window
    trees: BoostedTrees
    platt: PlattScaling

    def probability(self, features: FeatureMatrix) -> NDArray[np.float64]:
        """Calibrated probability that it happens, float64 (n_rows,) in 0-1."""
        return self.platt.probability(self.trees.log_odds(features.values)[:, None])

    def bounds(self, features: FeatureMatrix, level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper bound of the probability for want of calibration data, each float64 (n_rows,)."""
        said = self.trees.log_odds(features.values)[:, None]
        centre = said @ self.platt.weights + self.platt.offset
        reach = NormalDist().inv_cdf(0.5 + level / 2.0) * self.platt.spread(said)
        return logistic(centre - reach), logistic(centre + reach)
