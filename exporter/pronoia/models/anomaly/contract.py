"""What a detector is: fitted to a history, it says how much of each step's strangeness lies in each metric.

Detectors see standardised values without gaps (`pronoia.models.anomaly.prepare`), so that none has to know of units,
missing samples or metrics that never move. What their numbers mean is left open: a line is laid through them by
`pronoia.models.anomaly.calibration`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class FittedDetector(Protocol):
    """A detector that knows a history."""

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedDetector]:
        """Each metric's part of each step's strangeness; their mean over the metrics is the raw score.

        Changes nothing in the detector, and what it says of a step depends on that step, those before it and the
        history alone. Steps that come one after the other need not be scored twice: going on from the detector that is
        returned gives what scoring all of them at once gives.

        Args:
            test: float64 (n_steps, n_metrics), the steps right after the history.

        Returns:
            float64 (n_steps, n_metrics), not negative, finite; and the same detector at the end of these steps.
        """
        ...


class Detector(Protocol):
    """A method that can be fitted."""

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedDetector:
        """Learn what is usual.

        Args:
            train: float64 (n_steps, n_metrics), standardised, finite, oldest first; it may hold some anomalies.
            step_seconds: distance of two steps.

        Raises:
            ModelError: if the history cannot be learnt from, or a library is missing.
        """
        ...
