"""Why a forecast is as it is: which model speaks for each series, and what the backtest said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What a fit tells of n_series series, in the order of their forecast.

    Args:
        members: n_members names of the ensemble's members.
        bucket_starts_seconds: float64 (n_buckets,), the first horizon of each bucket of horizons, increasing.
        weights: float64 (n_series, n_members, n_buckets) in 0-1, of the members at the horizons of a bucket; zero for
            all members of a series for which the ensemble does not speak.
        loss_ratios: float64 (n_series,), the model's loss in its backtest over that of the guard; NaN where there was
            no backtest.
        fitted_at_seconds: float64 (n_series,), Unix time of the newest sample that the series was fitted to.
        knots_seconds: float64 (n_knots,), horizons at which the interval is calibrated.
        interval_factors: float64 (n_series, 2, n_knots), by how much misses since then have widened the lower and the
            upper bound, as a factor on its normal score; 1 until something has come due.

    Raises:
        ValueError: if shapes disagree.
    """

    members: tuple[str, ...]
    bucket_starts_seconds: NDArray[np.float64]
    weights: NDArray[np.float64]
    loss_ratios: NDArray[np.float64]
    fitted_at_seconds: NDArray[np.float64]
    knots_seconds: NDArray[np.float64]
    interval_factors: NDArray[np.float64]

    def __post_init__(self) -> None:
        n_series = len(self.weights)
        for name, shape in (
            ("weights", (n_series, len(self.members), len(self.bucket_starts_seconds))),
            ("loss_ratios", (n_series,)),
            ("fitted_at_seconds", (n_series,)),
            ("interval_factors", (n_series, 2, len(self.knots_seconds))),
        ):
            array = getattr(self, name)
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, {shape} is needed")

    @property
    def mean_weights(self) -> dict[str, float]:
        """Mean weight of each member over all buckets of the series for which the ensemble speaks; empty if none."""
        spoken = self.weights[self.weights.any(axis=(1, 2))]
        if not len(spoken):
            return {}
        return dict(zip(self.members, spoken.mean(axis=(0, 2)).tolist(), strict=True))
