"""Sub-PCA: reconstruction error of windows by the principal shapes of the history's windows.

Reference:
    Aggarwal, Outlier analysis, 2017, 9.3; leads the univariate table of Liu, Paparrizos, TSB-AD, NeurIPS 2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.anomaly.components import Components
from pronoia.models.anomaly.windows import moved, tail_of, trailing

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class FittedSubPca:
    """Shapes of each metric, and the newest values."""

    shapes: tuple[Components, ...]
    tail: NDArray[np.float64]

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedSubPca]:
        """Mean squared residual of the window that ends at each step."""
        if not len(test):
            return np.empty_like(test), self
        windows = trailing(self.tail, test)
        parts = np.stack([(s.residual(windows[:, i]) ** 2).mean(axis=1) for i, s in enumerate(self.shapes)], axis=1)
        return parts, FittedSubPca(self.shapes, moved(self.tail, test))


@dataclass(frozen=True, slots=True)
class SubPca:
    """Sub-PCA of each metric for itself.

    Args:
        window: steps of a window.
        share: of the windows' variance that the shapes hold.
    """

    window: int = 20
    share: float = 0.9

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedSubPca:  # noqa: ARG002
        """One eigenvalue decomposition a metric."""
        tail = tail_of(train, self.window - 1)
        windows = trailing(np.repeat(train[:1], self.window - 1, axis=0), train)
        shapes = tuple(Components.of(windows[:, i], self.share) for i in range(train.shape[1]))
        return FittedSubPca(shapes, tail)
