"""What a forecaster is: two faces, one for a single series and one for a frame.

A *member* forecasts the point of one series (`PointForecaster`). Everything around it, the choice between members,
error correction, intervals and limits, is the same for all members and lives in `pronoia.models.forecast`; the frame
level (`Forecaster`) is what the rest of Pronoia calls. In both, fitting returns another type, and only that predicts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.predictions.forecast import Forecast
    from pronoia.series import AlignedFrame


class FittedPointForecaster(Protocol):
    """A member fitted to one series."""

    def predict(self, n_steps: int) -> NDArray[np.float64]:
        """The curve: float64 (n_steps + 1,); element k is the value k steps after the last one seen.

        Element 0 is what the model says about the last instant itself, from which the error correction takes the
        model's newest error.
        """
        ...

    def forward(self, values: NDArray[np.float64]) -> FittedPointForecaster:
        """The same parameters, moved on to a history that goes on longer (or ends earlier); cheaper than a fit.

        Args:
            values: float64 (n_values,), the whole history up to the new origin; finite.
        """
        ...


@runtime_checkable
class WeighedMembers(Protocol):
    """What a fitted member has besides where it averages others."""

    @property
    def member_weights(self) -> NDArray[np.float64]:
        """Weights of the ensemble's members, float64 (n_members, n_buckets), summing to one over the members."""
        ...


class PointForecaster(Protocol):
    """A member: one method of forecasting one series."""

    def fit(self, values: NDArray[np.float64], seasons: tuple[int, ...]) -> FittedPointForecaster:
        """Fit to one series.

        Args:
            values: float64 (n_values,), evenly spaced, oldest first, finite, of order one; not modified.
            seasons: season lengths in steps, the most trusted first, each at most half of the history; may be empty.

        Raises:
            ModelError: if this series cannot be fitted; it costs this member, for this series, and nothing else.
        """
        ...


class FittedForecaster(Protocol):
    """A forecaster fitted to a frame; knows the series it was fitted to."""

    def predict(self, recent: AlignedFrame, n_steps: int) -> Forecast:
        """Forecast the `n_steps` instants after the end of `recent`, whose values move the forecast."""
        ...


class Forecaster(Protocol):
    """Fits all series of a frame."""

    def __call__(self, history: AlignedFrame, settings: ForecastSettings) -> FittedForecaster:
        """Fit every series of the history; a series that cannot be fitted is left out and counted, never raised."""
        ...
