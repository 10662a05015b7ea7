"""What a fit keeps of a series' level: columns beside its curve, from which new samples tell of a departure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.forecast.knots import knot_spans, make_knots
from pronoia.models.forecast.level_follow import STATE_SIZE, at_a_level
from pronoia.models.forecast.level_shift import N_AGES, scan_level
from pronoia.models.forecast.rebased import rebase
from pronoia.models.forecast.rolling import finite_curve

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.models.contract import FittedPointForecaster, PointForecaster
    from pronoia.models.forecast.prepare import PreparedSeries
    from pronoia.models.forecast.settings import ForecastSettings

# A fit is used until it is three times as old as it should get.
_LATE = 3


@dataclass(frozen=True, slots=True, eq=False)
class ShiftFit:
    """Rows of the columns `FittedForecasts` keeps of level shifts, source unit.

    Args:
        state: float64 (6,), see `level_shift.LevelScan`.
        pattern: float64 (pattern_steps + 1,), pattern of the day from the fit on.
        counts: float64 (2, `N_AGES`), see `level_shift.count_ages`.
        path: float64 (n_knots,), what the curve would be more, were a departure in progress to last.
        losses: float64 (2,), see `shift_evidence`.
    """

    state: NDArray[np.float64]
    pattern: NDArray[np.float64]
    counts: NDArray[np.float64]
    path: NDArray[np.float64]
    losses: NDArray[np.float64]

    @classmethod
    def none(cls, settings: ForecastSettings, n_knots: int) -> ShiftFit:
        """A series that is not watched: a constant follows its newest value anyway."""
        return cls(
            state=np.zeros(STATE_SIZE),
            pattern=np.zeros(pattern_steps(settings) + 1),
            counts=np.zeros((2, N_AGES)),
            path=np.zeros(n_knots),
            losses=np.zeros(2),
        )

    def with_curve_changed(self, change: NDArray[np.float64]) -> ShiftFit:
        """The same where the calendar adds `change` to the curve, float64 (n_changed,), from the fit on."""
        steps = np.minimum(np.arange(len(self.pattern)), len(change) - 1)
        return replace(self, pattern=self.pattern + change[steps])


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
    failures: Counter[str],
) -> ShiftFit:
    """Follow the series to its end; in the middle of a departure, fit the member once more as if it would stay.

    Args:
        series: the history, prepared.
        member: the member in use, for the second fit.
        curve: float64 (curve_steps + 1,), its forecast from the history as it is, scaled as the series.
        seasons: season lengths in steps.
        settings: of the query.
        failures: counts the second fit that failed: the curve is moved by the newest values alone then.

    Returns:
        all but the losses, which are zero.
    """
    knots = make_knots(settings.horizon_steps)
    scan = scan_level(series.values, settings.day_steps, pattern_steps(settings))
    path = np.zeros(len(knots))
    if at_a_level(scan.state):
        history = as_if_it_stayed(series.values, scan.state)
        try:
            path = path_of_staying(member.fit(history, seasons), curve, knots)
        except ModelError:
            failures["level-shift:fit"] += 1
    state = scan.state.copy()
    state[[0, 2, 4, 5]] *= series.scale
    state[0] += series.centre
    return ShiftFit(state, scan.profile * series.scale, scan.counts, path * series.scale, np.zeros(2))


def as_if_it_stayed(values: NDArray[np.float64], state: NDArray[np.float64]) -> NDArray[np.float64]:
    """The history with all that lies before the departure in progress moved by its size."""
    start = max(len(values) - int(state[1]), 0)
    return rebase(values, np.array([[start, state[2]]]))


def path_of_staying(
    fitted: FittedPointForecaster, curve: NDArray[np.float64], knots: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How much higher a curve is at the knots than the one in use, float64 (n_knots,).

    Args:
        fitted: to the history `as_if_it_stayed`.
        curve: float64 (curve_steps + 1,), the one in use.
        knots: int64 (n_knots,).

    Raises:
        ModelError: if there is no such curve.
    """
    change = finite_curve(fitted, len(curve) - 1) - curve
    return np.array([change[1:][span].mean() for span in knot_spans(knots)])


def shift_columns(shifts: Sequence[ShiftFit], settings: ForecastSettings) -> dict[str, NDArray[np.float64]]:
    """The columns of level shifts by name, one row for each series."""
    empty = ShiftFit.none(settings, len(make_knots(settings.horizon_steps)))
    columns = {
        "shift_states": "state", "shift_patterns": "pattern", "shift_counts": "counts", "shift_paths": "path",
        "shift_losses": "losses",
    }  # fmt: skip
    shapes = {name: getattr(empty, name).shape for name in columns.values()}
    # A series whose clock changes has a curve, and a pattern, that is longer than the others'.
    return {
        column: np.array([getattr(shift, name)[: shapes[name][0]] for shift in shifts]).reshape(-1, *shapes[name])
        for column, name in columns.items()
    }
