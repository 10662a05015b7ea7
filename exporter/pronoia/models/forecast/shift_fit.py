"""What a fit keeps of a series' level: columns beside its curve, from which new samples tell of a departure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.forecast.knots import knot_spans
from pronoia.models.forecast.level_shift import N_AGES, scan_level
from pronoia.models.forecast.rebased import Rebased, rebase
from pronoia.models.forecast.rolling import finite_curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.contract import PointForecaster
    from pronoia.models.forecast.prepare import PreparedSeries
    from pronoia.models.forecast.settings import ForecastSettings

# A fit is used until it is three times as old as it should get.
_LATE = 3


@dataclass(frozen=True, slots=True, eq=False)
class ShiftFit:
    """Rows of the columns `FittedForecasts` keeps of level shifts, source unit."""

    state: NDArray[np.float64]
    pattern: NDArray[np.float64]
    counts: NDArray[np.float64]
    paths: NDArray[np.float64]

    @classmethod
    def none(cls, settings: ForecastSettings, n_knots: int) -> ShiftFit:
        """A series that is not watched: a constant follows its newest value anyway."""
        pattern = np.zeros(pattern_steps(settings) + 1)
        return cls(np.zeros(5), pattern, np.zeros((2, N_AGES)), np.zeros(n_knots))


def pattern_steps(settings: ForecastSettings) -> int:
    """How far after a fit the pattern of the day is known."""
    return _LATE * max(settings.refit_steps, 1)


def fit_shift(
    series: PreparedSeries,
    member: PointForecaster,
    curve: NDArray[np.float64],
    *,
    seasons: tuple[int, ...],
    settings: ForecastSettings,
    knots: NDArray[np.int64],
) -> ShiftFit:
    """Follow the series to its end; in the middle of a departure, fit the member once more as if it would stay.

    Args:
        series: the history, prepared.
        member: the member in use, for the second fit.
        curve: float64 (curve_steps + 1,), its forecast from the history as it is, scaled as the series.
        seasons: season lengths in steps.
        settings: of the query.
        knots: int64 (n_knots,).
    """
    scan = scan_level(series.values, settings.day_steps, pattern_steps(settings))
    paths = np.zeros(len(knots))
    age, size = int(scan.state[1]), scan.state[2]
    if age:
        start = max(len(series.values) - age, 0)
        plain = member.member if isinstance(member, Rebased) else member
        history = rebase(series.values, np.array([[start, size]]))
        wrapped = Rebased(plain, settings.day_steps) if plain is not member else plain
        try:
            change = finite_curve(wrapped.fit(history, seasons), settings.curve_steps) - curve
            paths = np.array([change[1:][span].mean() for span in knot_spans(knots)])
        except ModelError:
            # The curve that is there is moved by the newest values alone.
            paths = np.zeros(len(knots))
    state = scan.state.copy()
    state[[0, 2, 4]] *= series.scale
    state[0] += series.centre
    return ShiftFit(state, scan.profile * series.scale, scan.counts, paths * series.scale)
