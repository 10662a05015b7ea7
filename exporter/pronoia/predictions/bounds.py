"""What probabilities and times with bounds have to keep to, whatever they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def check_probabilities(
    probability: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> None:
    """Probabilities by horizon, along the last axis, and their bounds; float64 of one shape, NaN where unknown.

    Raises:
        ValueError: if bounds are known elsewhere than probabilities, are not in order within 0-1, or a longer horizon
            is less likely than a shorter one.
    """
    known = np.isfinite(probability)
    if not ((np.isfinite(lower) == known) & (np.isfinite(upper) == known)).all():
        raise ValueError("bounds are not known where probability is, or known where that is not")
    least, point, most = (np.where(known, each, 0.0) for each in (lower, probability, upper))
    if not ((least >= 0.0) & (least <= point) & (point <= most) & (most <= 1.0)).all():
        raise ValueError("0 <= lower <= probability <= upper <= 1 does not hold everywhere")
    if (np.diff(point, axis=-1) < 0.0).any():
        raise ValueError("probability falls with the horizon")


def check_times(
    earliest_seconds: NDArray[np.float64], time_seconds: NDArray[np.float64], latest_seconds: NDArray[np.float64]
) -> None:
    """Times that are left and their bounds, float64 (n_subjects,) each; a time that is NaN is not expected to come.

    Raises:
        ValueError: if they are not in order.
    """
    expected = np.isfinite(time_seconds)
    earliest, time, latest = (each[expected] for each in (earliest_seconds, time_seconds, latest_seconds))
    if not ((earliest >= 0.0) & (earliest <= time) & (time <= latest)).all():
        raise ValueError("0 <= earliest <= time <= latest does not hold everywhere")
