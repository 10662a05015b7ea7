"""Odds: what is said of some times before it is calibrated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Odds:
    """Of each row at each time, float64 (n_rows, n_times): the point, and the least and the greatest of the members."""

    log_odds: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
