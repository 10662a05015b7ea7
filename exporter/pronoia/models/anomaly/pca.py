"""PCA reconstruction error of standardised values: the strongest of the plain detectors on server metrics.

Reference:
    Shyu et al., A novel anomaly detection scheme based on principal component classifier, ICDM 2003.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.models.anomaly.components import Components

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class FittedPca:
    """Components of a history; none where there is but one metric."""

    components: Components | None

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedPca]:
        """Squared residuals."""
        rest = test if self.components is None else self.components.residual(test)
        parts: NDArray[np.float64] = rest**2
        return parts, self


@dataclass(frozen=True, slots=True)
class Pca:
    """PCA.

    Args:
        share: of the variance that the components hold.
    """

    share: float = 0.8

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedPca:  # noqa: ARG002
        """One eigenvalue decomposition."""
        return FittedPca(Components.of(train, self.share) if train.shape[1] > 1 else None)
