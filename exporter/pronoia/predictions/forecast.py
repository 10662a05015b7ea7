"""Forecasts of metrics: a point and an interval for each series at each future instant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.predictions.explanation import Explanation
    from pronoia.series.aligned import AlignedFrame
    from pronoia.series.labels import LabelSet
    from pronoia.series.timerange import Grid


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """What n_series series will be at n_steps instants, with an interval that covers the truth `level` of the time.

    Args:
        labels: n_series distinct label sets, as in the source.
        grid: the future instants; its first lies one step after the last observation used.
        point: float64 (n_series, n_steps), source unit.
        lower: float64 (n_series, n_steps), lower bound of the interval.
        upper: float64 (n_series, n_steps), upper bound of the interval.
        level: nominal coverage of the interval, in (0, 1).
        models: n_series names of the model that speaks for each series.

    Raises:
        ValueError: if shapes disagree, a value is not finite, or lower <= point <= upper does not hold.
    """

    labels: tuple[LabelSet, ...]
    grid: Grid
    point: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    level: float
    models: tuple[str, ...]

    def __post_init__(self) -> None:
        shape = (len(self.labels), self.grid.n_steps)
        for name in ("point", "lower", "upper"):
            array = getattr(self, name)
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, {shape} is needed")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds values that are not finite")
            array.flags.writeable = False
        if len(self.models) != len(self.labels):
            raise ValueError(f"{len(self.models)} model names for {len(self.labels)} series")
        if not 0.0 < self.level < 1.0:
            raise ValueError(f"level is {self.level}, it must lie between 0 and 1")
        if not ((self.lower <= self.point) & (self.point <= self.upper)).all():
            raise ValueError("lower <= point <= upper does not hold everywhere")

    @property
    def n_series(self) -> int:
        """Number of series."""
        return len(self.labels)

    def at(self, instants_ms: Sequence[int] | NDArray[np.int64]) -> Forecast:
        """The forecast at other instants, linear between the grid's; they must be evenly spaced or single.

        Instants beyond the grid's ends are not extrapolated: `covers` tells.
        """
        times = np.asarray(instants_ms, dtype=np.float64)
        position = (times - self.grid.start_ms) / self.grid.step_ms
        left = np.clip(np.floor(position).astype(np.int64), 0, max(self.grid.n_steps - 2, 0))
        right = np.minimum(left + 1, self.grid.n_steps - 1)
        share = np.clip(position - left, 0.0, 1.0)

        def between(array: NDArray[np.float64]) -> NDArray[np.float64]:
            result: NDArray[np.float64] = array[:, left] * (1.0 - share) + array[:, right] * share
            return result

        point = between(self.point)
        step_ms = int(times[1] - times[0]) if len(times) > 1 else self.grid.step_ms
        grid = type(self.grid)(int(times[0]), step_ms, len(times))
        lower, upper = np.minimum(between(self.lower), point), np.maximum(between(self.upper), point)
        return Forecast(self.labels, grid, point, lower, upper, self.level, self.models)

    def covers(self, instant_ms: int) -> bool:
        """Whether an instant lies between the first and the last of the grid."""
        return self.grid.n_steps > 0 and self.grid.start_ms <= instant_ms <= self.grid.end_ms


@dataclass(frozen=True, slots=True)
class ThresholdCrossing:
    """When one series' forecast reaches a threshold, in seconds from the forecast's origin.

    Args:
        labels: the series.
        threshold: the value, in the source's unit.
        eta_seconds: when the point forecast crosses.
        lower_seconds: the earliest, when the outer bound crosses; never later than `eta_seconds`.
        upper_seconds: the latest, when the inner bound crosses; infinite if it does not within the horizon.
    """

    labels: LabelSet
    threshold: float
    eta_seconds: float
    lower_seconds: float
    upper_seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class QueryForecast:
    """Everything one query's forecast gave in one cycle.

    Args:
        query: the query's name in the configuration.
        expression: its PromQL.
        unit: source unit as the field writes it (`ratio`, `bytes`, `seconds`, ...; empty if not stated).
        made_at_seconds: Unix time at which the forecast was made.
        forecast: point and bounds for the whole horizon.
        observed: float64 (n_series,), the newest observed value of each series, within the physical limits.
        crossings: thresholds that the forecast reaches within its horizon.
        horizons_seconds: the horizons exposed as gauges.
        max_age_seconds: how long after `made_at_seconds` the forecast may be shown.
        explanation: which models speak, with what weights; None if that is not known.
        bands: the same points with intervals of further levels, ascending; exposed at the horizons.
        thresholds: those that a crossing is looked for of, ascending.
        past: what was observed in the last day, on a grid of the forecast's step; None if it is not kept.
    """

    query: str
    expression: str
    unit: str
    made_at_seconds: float
    forecast: Forecast
    observed: NDArray[np.float64]
    horizons_seconds: tuple[int, ...]
    max_age_seconds: float
    crossings: tuple[ThresholdCrossing, ...] = field(default=())
    explanation: Explanation | None = None
    bands: tuple[Forecast, ...] = ()
    thresholds: tuple[float, ...] = ()
    past: AlignedFrame | None = None

    def is_current(self, now_seconds: float) -> bool:
        """Whether it may still be shown; one from far in the future (the clock was set back) may not."""
        return abs(now_seconds - self.made_at_seconds) <= self.max_age_seconds
