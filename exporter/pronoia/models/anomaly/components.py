"""Principal components of a history, by which several detectors tell what hangs together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """The directions that hold most of the variance.

    Args:
        centre: float64 (n_columns,).
        basis: float64 (n_columns, n_components), orthonormal.
    """

    centre: NDArray[np.float64]
    basis: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[np.float64], share: float) -> Components:
        """As many as hold this share of the variance, and at least one column fewer than there are."""
        centre = values.mean(axis=0)
        centred = values - centre
        variance, basis = np.linalg.eigh(centred.T @ centred / len(values))
        held = np.cumsum(variance[::-1]) / max(float(variance.sum()), 1e-300)
        n_components = min(int(np.searchsorted(held, share)) + 1, values.shape[1] - 1)
        return cls(centre, np.ascontiguousarray(basis[:, ::-1][:, :n_components]))

    def residual(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the components do not explain, in the shape of the values."""
        centred = values - self.centre
        rest: NDArray[np.float64] = centred - (centred @ self.basis) @ self.basis.T
        return rest
