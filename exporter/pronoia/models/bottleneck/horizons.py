"""The probability of an overload within each horizon, from one classifier for each of several consecutive windows.

Each classifier gives the probability that it happens in its window, given that it has not happened before: a discrete
hazard. One minus the product of what survives is the probability within the horizon, which can only grow with it.

References:
    Singer, Willett, It's about time: using discrete-time survival analysis, 1993.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.labels import TARGETS
from pronoia.features.matrix import features_at
from pronoia.features.slots import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.features.matrix import FeatureMatrix
    from pronoia.features.past import LoadPast
    from pronoia.models.bottleneck.fitted import FittedRisk

#: Slots ahead at which each horizon ends: 15 and 30 minutes, one and four hours, in slots of five minutes.
HORIZON_SLOTS = tuple(window.last for window in WINDOWS)
#: Where trees by themselves see less than this in a window, networks are not asked: it comes to nothing, in most rows.
PARTNERS_FROM = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Hazards:
    """Probabilities of each window, given that it has not happened before it.

    Args:
        point: float64 (n_rows, n_targets, n_windows), in the order of `TARGETS` and `WINDOWS`.
        lower: the same, lower bounds.
        upper: the same, upper bounds.
    """

    point: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    def within(self) -> Hazards:
        """Probabilities that it has happened by the end of each window; they grow from window to window.

        Bounds are those of all windows at once, as if they erred together, and so on the wide side.
        """
        return Hazards(_happened(self.point), _happened(self.lower), _happened(self.upper))


@dataclass(frozen=True, slots=True, eq=False)
class HorizonRisks:
    """A classifier for each target and window.

    Args:
        risks: by target of `TARGETS`, as many as `WINDOWS` and in their order.

    Raises:
        ValueError: if one is missing, or speaks of another window.
    """

    risks: Mapping[str, tuple[FittedRisk, ...]]

    def __post_init__(self) -> None:
        for target in TARGETS:
            windows = tuple(risk.window for risk in self.risks.get(target, ()))
            if windows != WINDOWS:
                raise ValueError(f"{target}: classifiers of the windows {windows}, {WINDOWS} are needed")

    @property
    def members(self) -> frozenset[str]:
        """Names of all members that any of them blends."""
        return frozenset(name for windows in self.risks.values() for risk in windows for name in risk.members)

    def hazards(self, features: tuple[FeatureMatrix, ...], level: float = 0.95) -> Hazards:
        """What the classifiers say.

        Args:
            features: of the same rows, one matrix for each of `WINDOWS`.
            level: of the bounds.
        """
        shape = (len(features[0].rows), len(TARGETS), len(WINDOWS))
        point, lower, upper = np.empty(shape), np.empty(shape), np.empty(shape)
        for i, target in enumerate(TARGETS):
            for k, risk in enumerate(self.risks[target]):
                at = (slice(None), i, k)
                said = risk.log_odds(features[k], PARTNERS_FROM)
                point[at] = risk.probability_of(said)
                low, high = risk.bounds_of(said, level)
                lower[at], upper[at] = np.minimum(low, point[at]), np.maximum(high, point[at])
        return Hazards(point, lower, upper)


def _happened(hazard: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 - np.cumprod(1.0 - hazard, axis=2), dtype=np.float64)


def window_features(history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64]) -> tuple[FeatureMatrix, ...]:
    """The features of each of `WINDOWS`, as `HorizonRisks.hazards` takes them."""
    return tuple(features_at(history, rows, slots, window) for window in WINDOWS)
