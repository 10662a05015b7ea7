"""Columns brought to mean 0 and deviation 1, where some values are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_DEVIATION = 1e-6


def mean_and_deviation(values: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the known values of each column, each float64 (n_columns,); 0 and 1 for a column that says nothing.

    >>> centre, scale = mean_and_deviation(np.array([[1.0, np.nan], [3.0, np.nan]]))
    >>> centre.tolist(), scale.tolist()
    ([2.0, 0.0], [1.0, 1.0])
    """
    n_known = np.maximum(np.isfinite(values).sum(axis=0), 1)
    centre = np.nansum(values, axis=0, dtype=np.float64) / n_known
    deviation = np.sqrt(np.nansum((values - centre) ** 2, axis=0, dtype=np.float64) / n_known)
    return centre, np.where(deviation > _LEAST_DEVIATION, deviation, 1.0)
