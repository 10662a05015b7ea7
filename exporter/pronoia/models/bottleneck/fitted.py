"""FittedRisk: the probability of one target in one window, for any subject, also one never seen."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.classifiers.platt import logistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.matrix import FeatureMatrix
    from pronoia.features.slots import Window
    from pronoia.models.classifiers.boosted_trees import BoostedTrees
    from pronoia.models.classifiers.classifier import Classifier
    from pronoia.models.classifiers.isotonic import IsotonicScaling
    from pronoia.models.classifiers.platt import PlattScaling


@dataclass(frozen=True, slots=True, eq=False)
class Partner:
    """A member beside the trees.

    Args:
        name: one of `MEMBERS`.
        classifier: what it is.
    """

    name: str
    classifier: Classifier


@dataclass(frozen=True, slots=True, eq=False)
class FittedRisk:
    """Trees, what they are blended with, and the calibration of the blend.

    Args:
        target: `state` or `onset`.
        window: what it speaks of.
        trees: the first member.
        platt: weights of the members, trees first, and calibration.
        partners: the other members.
        own: calibration of each member by itself, trees first; empty if the trees are alone.
        isotonic: what the calibrated log-odds are mapped by, if straight lines do not do.
    """

    target: str
    window: Window
    trees: BoostedTrees
    platt: PlattScaling
    partners: tuple[Partner, ...] = ()
    own: tuple[PlattScaling, ...] = ()
    isotonic: IsotonicScaling | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the members, trees first."""
        return ("trees", *(partner.name for partner in self.partners))

    def log_odds(self, features: FeatureMatrix) -> NDArray[np.float64]:
        """What each member says before calibration, float64 (n_rows, n_members).

        Raises:
            ModelError: if a library that a member needs is not installed.
        """
        classifiers: list[Classifier] = [self.trees, *(partner.classifier for partner in self.partners)]
        return np.column_stack([each.log_odds(features.of(each.features), features.sequences) for each in classifiers])

    def probability(self, features: FeatureMatrix) -> NDArray[np.float64]:
        """Calibrated probability that it happens, float64 (n_rows,) in 0-1."""
        return self.probability_of(self.log_odds(features))

    def probability_of(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same of what the members say, float64 (n_rows, n_members)."""
        return self._mapped(log_odds @ self.platt.weights + self.platt.offset)

    def bounds(self, features: FeatureMatrix, level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper bound of the probability, each float64 (n_rows,).

        For want of calibration data, and by how far the members, each calibrated by itself, lie apart.
        """
        said = self.log_odds(features)
        centre = said @ self.platt.weights + self.platt.offset
        variance = self.platt.spread(said) ** 2
        if self.own:
            each = np.column_stack([said[:, i] * own.weights[0] + own.offset for i, own in enumerate(self.own)])
            shares = self.platt.weights / max(float(self.platt.weights.sum()), 1e-300)
            variance += ((each - (each @ shares)[:, None]) ** 2) @ shares
        reach = NormalDist().inv_cdf(0.5 + level / 2.0) * np.sqrt(variance)
        return self._mapped(centre - reach), self._mapped(centre + reach)

    def _mapped(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        return logistic(log_odds) if self.isotonic is None else self.isotonic.probability(log_odds)
