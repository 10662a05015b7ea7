"""FittedRisk: the probability of one target in one window, for any subject, also one never seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
        own: calibration of each member by itself, trees first; empty if the trees are alone. Where partners are not
            asked, the trees' own is what counts.
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

    def alone(self) -> FittedRisk:
        """The trees by themselves, with their own calibration."""
        return replace(self, platt=self.own[0], partners=(), own=(), isotonic=None) if self.partners else self

    def log_odds(self, features: FeatureMatrix, partners_from: float = 0.0) -> NDArray[np.float64]:
        """What each member says before calibration, float64 (n_rows, n_members).

        Args:
            features: of the rows.
            partners_from: partners are asked where the trees by themselves say at least this probability, and are NaN
                elsewhere. A network costs some 90 microseconds a row, the trees a few.

        Raises:
            ModelError: if a library that a member needs is not installed.
        """
        trees = self.trees.log_odds(features.of(self.trees.features), features.sequences)
        said = np.full((len(trees), len(self.members)), np.nan)
        said[:, 0] = trees
        asked = np.arange(len(trees))
        if self.partners and partners_from > 0.0:
            asked = np.flatnonzero(logistic(self._by_trees(said)) >= partners_from)
        for at, partner in enumerate(self.partners, 1):
            values = features.of(partner.classifier.features)[asked]
            read = features.sequences.take(asked) if features.sequences is not None else None
            said[asked, at] = partner.classifier.log_odds(values, read)
        return said

    def probability(self, features: FeatureMatrix) -> NDArray[np.float64]:
        """Calibrated probability that it happens, float64 (n_rows,) in 0-1."""
        return self.probability_of(self.log_odds(features))

    def probability_of(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same of what the members say, float64 (n_rows, n_members)."""
        return self._mapped(self._centre(log_odds))

    def bounds(self, features: FeatureMatrix, level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper bound of the probability, each float64 (n_rows,).

        For want of calibration data, and by how far the members, each calibrated by itself, lie apart.
        """
        return self.bounds_of(self.log_odds(features), level)

    def bounds_of(
        self, log_odds: NDArray[np.float64], level: float = 0.95
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same of what the members say, float64 (n_rows, n_members)."""
        centre = self._centre(log_odds)
        is_by_trees = _is_by_trees(log_odds)
        said = np.where(is_by_trees[:, None], log_odds[:, :1], log_odds)
        variance = self.platt.spread(said) ** 2
        if self.own:
            each = np.column_stack([said[:, i] * own.weights[0] + own.offset for i, own in enumerate(self.own)])
            shares = self.platt.weights / max(float(self.platt.weights.sum()), 1e-300)
            variance += ((each - (each @ shares)[:, None]) ** 2) @ shares
            variance[is_by_trees] = self.own[0].spread(log_odds[is_by_trees, :1]) ** 2
        reach = NormalDist().inv_cdf(0.5 + level / 2.0) * np.sqrt(variance)
        return self._mapped(centre - reach), self._mapped(centre + reach)

    def _centre(self, said: NDArray[np.float64]) -> NDArray[np.float64]:
        blended: NDArray[np.float64] = said @ self.platt.weights + self.platt.offset
        is_by_trees = _is_by_trees(said)
        blended[is_by_trees] = self._by_trees(said[is_by_trees])
        return blended

    def _by_trees(self, said: NDArray[np.float64]) -> NDArray[np.float64]:
        own = self.own[0] if self.own else self.platt
        by_trees: NDArray[np.float64] = said[:, 0] * own.weights[0] + own.offset
        return by_trees

    def _mapped(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        return logistic(log_odds) if self.isotonic is None else self.isotonic.probability(log_odds)


def _is_by_trees(said: NDArray[np.float64]) -> NDArray[np.bool_]:
    # Where the partners were not asked.
    return np.asarray(np.isnan(said[:, 1:]).any(axis=1), dtype=np.bool_)
