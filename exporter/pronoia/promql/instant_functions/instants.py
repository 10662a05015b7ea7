"""The instants of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Instants:
    """When an expression is evaluated.

    Args:
        times_ms: int64 (n_steps,), UTC milliseconds.
    """

    times_ms: NDArray[np.int64]

    @property
    def n_steps(self) -> int:
        """Number of instants."""
        return len(self.times_ms)

    @property
    def seconds(self) -> NDArray[np.float64]:
        """UTC seconds, float64 (n_steps,), as `time()` gives them.

        >>> Instants(np.array([1500])).seconds.tolist()
        [1.5]
        """
        return np.asarray(self.times_ms / 1000.0)
