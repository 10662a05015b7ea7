"""What a member of the ensemble is: it fits all series of a panel at once and forecasts their quantiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel


class FittedMember(Protocol):
    """A member fitted to the series of a panel; moves on to newer panels of the same series without a fit."""

    def quantiles(self, panel: Panel, origins: NDArray[np.int64], ahead: NDArray[np.int64]) -> NDArray[np.float64]:
        """Forecast from some origins.

        Args:
            panel: the series that it was fitted to, in the same order, up to now.
            origins: int64 (n_series, n_origins), index of the first value not known; nothing from there on is looked
                at. `panel.n_steps` is now.
            ahead: int64 (n_ahead,), increasing horizons from 1, in steps, at most the last knot of the fit.

        Returns:
            float64 (n_series, n_origins, 15, n_ahead) at `SHARES`, in the panel's unit, not necessarily sorted; NaN
            for a series and origin of which it has nothing to say.
        """
        ...

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """All that was learnt, one row per series; `Member.restore` makes the fitted member of it again."""
        ...


class Member(Protocol):
    """One way of forecasting."""

    @property
    def name(self) -> str:
        """Name in configuration, metrics and reports."""
        ...

    @property
    def seen_share(self) -> float:
        """Weight relative to the others' before the backtest has spoken, on a long history."""
        ...

    @property
    def pretrained(self) -> bool:
        """Whether it knows other series, and so does not depend on a long history of this one."""
        ...

    @property
    def exact(self) -> bool:
        """Whether its quantiles are values that occurred, so that where two such members agree, it will be so."""
        ...

    @property
    def follows(self) -> bool:
        """Whether it stays at a level never seen before; the others give way to it there."""
        ...

    def fit(
        self, panel: Panel, periods: NDArray[np.int64], ends: NDArray[np.int64], knots: NDArray[np.int64]
    ) -> FittedMember:
        """Fit every series.

        Args:
            panel: the series.
            periods: int64 (n_series, n_slots) from `find_periods`.
            ends: int64 (n_series,), index of the first value that a series may not be fitted to.
            knots: int64 (n_knots,) horizons in steps, increasing; the last is the furthest.
        """
        ...

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> FittedMember:
        """The fitted member whose `arrays` these are."""
        ...
