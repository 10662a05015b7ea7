"""PCA reconstruction error of values seen from a moving level: what broke with the others, drift aside.

With one or two metrics nothing is explained by the others, and it is the squared deviation from the moving level.

Reference:
    Shyu et al., A novel anomaly detection scheme based on principal component classifier, ICDM 2003, on deviations
    from an exponentially weighted level (Roberts, Control chart tests based on geometric moving averages, 1959).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.anomaly.components import Components
from pronoia.models.anomaly.moving import HALF_LIFE_SECONDS, MovingScale

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Beyond it a deviation says no more, and would hide what the other metrics do.
_CLIP = 30.0
_MIN_METRICS = 3


@dataclass(frozen=True, slots=True, eq=False)
class FittedMovingPca:
    """Level and spread at the end of the history, and components of its deviations, none for few metrics."""

    scale: MovingScale
    components: Components | None

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedMovingPca]:
        """Squared residuals of clipped deviations."""
        deviations, scale = self.scale.deviations(test)
        deviations = np.clip(deviations, -_CLIP, _CLIP)
        rest = deviations if self.components is None else self.components.residual(deviations)
        parts: NDArray[np.float64] = rest**2
        return parts, FittedMovingPca(scale, self.components)


@dataclass(frozen=True, slots=True)
class MovingPca:
    """PCA on deviations from a moving level.

    Args:
        share: of the deviations' variance that the components hold; 0 compares no metrics with each other.
        half_life_seconds: of level and spread.
    """

    share: float = 0.5
    half_life_seconds: float = HALF_LIFE_SECONDS

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedMovingPca:
        """Walk the history once; microseconds a step and metric."""
        n_metrics = train.shape[1]
        deviations, scale = MovingScale.start(n_metrics, step_seconds, self.half_life_seconds).deviations(train)
        compares = self.share > 0.0 and n_metrics >= _MIN_METRICS
        components = Components.of(np.clip(deviations, -_CLIP, _CLIP), self.share) if compares else None
        return FittedMovingPca(scale, components)
