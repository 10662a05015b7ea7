"""FittedForecasts: what a fit leaves behind, as columns over series."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.models.forecast import saved, volatility
from pronoia.models.forecast.intervals import N_SCORES, pooled_threshold
from pronoia.models.forecast.knots import knot_weights, make_knots
from pronoia.models.forecast.level_shift import N_AGES
from pronoia.models.forecast.shift_fit import ShiftFit, pattern_steps
from pronoia.models.forecast.shift_outlook import share_ended, survival
from pronoia.models.forecast.shift_response import departures, respond
from pronoia.models.forecast.sketch import MAX_SCORE, SCORES, errors_at
from pronoia.predictions.forecast import Forecast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pronoia.models.forecast.series_fit import SeriesFit
    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.series import AlignedFrame, LabelSet


@dataclass(frozen=True, slots=True)
class FitCounts:
    """How a fit went.

    Args:
        skipped: series that were not fitted, with the reason.
        guarded: how many series use the guard because nothing beat it.
        failures: how often a member failed on a series, by `member:stage`.
    """

    skipped: tuple[tuple[LabelSet, str], ...] = ()
    guarded: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def total(parts: Sequence[FitCounts]) -> FitCounts:
        """The counts of several parts together."""
        failures: dict[str, int] = {}
        for part in parts:
            for reason, count in part.failures.items():
                failures[reason] = failures.get(reason, 0) + count
        skipped = tuple(skip for part in parts for skip in part.skipped)
        return FitCounts(skipped, sum(part.guarded for part in parts), failures)


#: How many of the newest steps a prediction looks at.
RECENT_STEPS = volatility.WINDOW + 1


@dataclass(frozen=True, eq=False)
class FittedForecasts:
    """All fitted series of one query. A value: calibrating or refitting makes another.

    Args:
        labels: n_series distinct label sets.
        models: n_series names of the member that won, or `constant`.
        settings: what they were fitted with.
        fitted_at_ms: the last instant of the history.
        curves: float64 (n_series, curve_steps + 1), source unit; element k is k steps after `fitted_at_ms`.
        persistence: float64 (n_series, n_knots) in 0-1, see `correction`.
        sketches: float64 (n_series, n_knots, 13), source unit, see `sketch`.
        units: float64 (n_series,), source unit: least growth of a bound per normal score beyond its sketch.
        typical_steps: float64 (n_series,), source unit, see `volatility`; zero switches it off.
        lower_scores: float32 (n_series, n_scores, n_knots) from the backtest, see `intervals.walk_scores`.
        upper_scores: likewise for upper bounds.
        thresholds: float64 (2, n_knots): normal scores of the lower bounds (positive) and of the upper bounds, pooled
            over the series of the query.
        shift_states: float64 (n_series, 5), source unit, the level at the fit, see `level_shift.LevelScan`.
        shift_patterns: float64 (n_series, n + 1), source unit: pattern of the day from the fit on.
        shift_counts: float64 (n_series, 2, 10): how long departures lasted, see `level_shift.count_ages`.
        shift_paths: float64 (n_series, n_knots), source unit: what the curve would be more at the knots, were a
            departure at the time of the fit to last.
        widening: float64 (n_series, 2, n_knots): logarithm of the factor on those normal scores, learnt live
            (`learning.calibration`); zeros until then.
        counts: what was skipped, guarded and failed.
    """

    labels: tuple[LabelSet, ...]
    models: tuple[str, ...]
    settings: ForecastSettings
    fitted_at_ms: int
    curves: NDArray[np.float64]
    persistence: NDArray[np.float64]
    sketches: NDArray[np.float64]
    units: NDArray[np.float64]
    typical_steps: NDArray[np.float64]
    lower_scores: NDArray[np.float32]
    upper_scores: NDArray[np.float32]
    shift_states: NDArray[np.float64]
    shift_patterns: NDArray[np.float64]
    shift_counts: NDArray[np.float64]
    shift_paths: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    widening: NDArray[np.float64]
    counts: FitCounts = field(default_factory=FitCounts)

    def __post_init__(self) -> None:
        n_series, n_knots = len(self.labels), len(self.knots)
        wanted: dict[str, tuple[int, ...]] = {
            "curves": (n_series, self.settings.curve_steps + 1),
            "persistence": (n_series, n_knots),
            "sketches": (n_series, n_knots, len(SCORES)),
            "units": (n_series,),
            "typical_steps": (n_series,),
            "lower_scores": (n_series, N_SCORES, n_knots),
            "upper_scores": (n_series, N_SCORES, n_knots),
            "shift_states": (n_series, 5),
            "shift_patterns": (n_series, pattern_steps(self.settings) + 1),
            "shift_counts": (n_series, 2, N_AGES),
            "shift_paths": (n_series, n_knots),
            "thresholds": (2, n_knots),
            "widening": (n_series, 2, n_knots),
        }
        for name, shape in wanted.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, {shape} is needed")
            array.flags.writeable = False

    @classmethod
    def from_fits(
        cls, fits: Sequence[SeriesFit], settings: ForecastSettings, fitted_at_ms: int, counts: FitCounts
    ) -> FittedForecasts:
        """Stack single series into columns."""
        n_knots = len(make_knots(settings.horizon_steps))

        def stacked(name: str, *shape: int) -> NDArray[np.float64]:
            return np.array([getattr(fit, name) for fit in fits], dtype=np.float64).reshape(len(fits), *shape)

        lower = stacked("lower_scores", N_SCORES, n_knots).astype(np.float32)
        upper = stacked("upper_scores", N_SCORES, n_knots).astype(np.float32)
        return cls(
            labels=tuple(fit.labels for fit in fits),
            models=tuple(fit.model for fit in fits),
            settings=settings,
            fitted_at_ms=fitted_at_ms,
            curves=stacked("curve", settings.curve_steps + 1),
            persistence=stacked("persistence", n_knots),
            sketches=stacked("sketches", n_knots, len(SCORES)),
            units=stacked("unit"),
            typical_steps=stacked("typical_step"),
            lower_scores=lower,
            upper_scores=upper,
            **_shift_columns([fit.shift for fit in fits], settings, n_knots),
            thresholds=_thresholds(lower, upper, settings.level),
            widening=np.zeros((len(fits), 2, n_knots)),
            counts=counts,
        )

    @property
    def n_series(self) -> int:
        """Number of fitted series."""
        return len(self.labels)

    @property
    def skipped(self) -> tuple[tuple[LabelSet, str], ...]:
        """Series that were not fitted, with the reason: `no_data`, `too_short`, `ended`, `gaps`, `too_large`."""
        return self.counts.skipped

    @property
    def guarded(self) -> int:
        """How many series use the guard (seasonal naive, or naive without a season) because nothing beat it."""
        return self.counts.guarded

    @property
    def failures(self) -> Mapping[str, int]:
        """How often a member failed on a series, by `member:stage`."""
        return self.counts.failures

    @cached_property
    def knots(self) -> NDArray[np.int64]:
        """Horizons, in steps, at which persistence and intervals are known."""
        return make_knots(self.settings.horizon_steps)

    @cached_property
    def _row_of(self) -> dict[LabelSet, int]:
        return {labels: i for i, labels in enumerate(self.labels)}

    def predict(self, recent: AlignedFrame, n_steps: int, level: float | None = None) -> Forecast:
        """Forecast the instants after the end of `recent`; its newest values move the forecast without a refit.

        The origin may lie between the instants of the fit; the curve is interpolated. It is held at its last value
        where the origin is so late that the curve ends before the horizon.

        Args:
            recent: newest samples on a grid of the same step that ends now; series that are not there, or have no
                value, are forecast without the correction. One column is enough; 49 tell how
                restless the series are now as well.
            n_steps: how many steps, at least 1.
            level: another coverage than the settings'; bounds of a higher level enclose those of a lower.

        Returns:
            all fitted series, in this object's order, on the grid that follows `recent`.
        """
        level = self.settings.level if level is None else level
        age_steps = max((recent.grid.end_ms - self.fitted_at_ms) / self.settings.step_ms, 0.0)
        now, ahead = _curve_from(self.curves, age_steps, n_steps)
        newest_error = np.nan_to_num(self._newest(recent) - now)
        weights = knot_weights(self.knots, n_steps)
        point = ahead + newest_error[:, None] * (self.persistence @ weights)
        below, above = self._reach(level) * self._restlessness(recent)
        lower = point + np.minimum(below, 0.0) @ weights
        upper = point + np.maximum(above, 0.0) @ weights
        rows, ages, present = departures(self.shift_states, self.shift_patterns, self._newest_few(recent), age_steps)
        if len(rows):
            change, path = self._shift_paths(rows, age_steps, n_steps)
            moved = present - now[rows]
            stays = ahead[rows] + path + (moved - change)[:, None]
            # About its new level the series wanders as it did about the old.
            stays += (newest_error[rows] - moved)[:, None] * (self.persistence[rows] @ weights)
            share = survival(share_ended(self.shift_counts)[rows], ages, n_steps)
            reach = np.stack([lower, point, upper])[:, rows] - point[rows]
            lower, point, upper = respond(np.stack([lower, point, upper]), stays + reach, share, rows=rows, level=level)
        if self.settings.minimum is not None or self.settings.maximum is not None:
            low, high = self.settings.minimum, self.settings.maximum
            point, lower, upper = (np.clip(array, low, high) for array in (point, lower, upper))
        return Forecast(
            labels=self.labels,
            grid=recent.grid.following(n_steps),
            point=point,
            lower=np.minimum(lower, point),
            upper=np.maximum(upper, point),
            level=level,
            models=self.models,
        )

    def _newest(self, recent: AlignedFrame) -> NDArray[np.float64]:
        """The last value of each fitted series in `recent`, float64 (n_series,); NaN where there is none."""
        if not recent.grid.n_steps:
            return np.full(self.n_series, np.nan)
        seen = np.isfinite(recent.values)
        last = recent.grid.n_steps - 1 - np.argmax(seen[:, ::-1], axis=1)
        values = np.where(seen.any(axis=1), recent.values[np.arange(recent.n_series), last], np.nan)
        return self._in_my_order(recent.labels, values)

    def _newest_few(self, recent: AlignedFrame) -> NDArray[np.float64]:
        """The newest values of each fitted series, float64 (n_series, n), n at most `RECENT_STEPS`."""
        few = recent.values[:, -RECENT_STEPS:]
        if recent.labels == self.labels:
            return few
        mine = np.full((self.n_series, few.shape[1]), np.nan)
        for label, values in zip(recent.labels, few, strict=True):
            row = self._row_of.get(label)
            if row is not None:
                mine[row] = values
        return mine

    def _shift_paths(
        self, rows: NDArray[np.int64], age_steps: float, n_steps: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What lasting departures change of the curves now, (n_rows,), and after that, (n_rows, n_steps)."""
        positions = age_steps + np.arange(n_steps + 1)
        paths = np.array([np.interp(positions, self.knots, path) for path in self.shift_paths[rows]])
        return paths[:, 0], paths[:, 1:]

    def _in_my_order(self, labels: tuple[LabelSet, ...], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of other series' order for the fitted series, float64 (n_series,); NaN where there is none."""
        if labels == self.labels:
            return values
        mine = np.full(self.n_series, np.nan)
        for label, value in zip(labels, values.tolist(), strict=True):
            row = self._row_of.get(label)
            if row is not None:
                mine[row] = value
        return mine

    def _restlessness(self, recent: AlignedFrame) -> NDArray[np.float64]:
        """Factor on the reach of bounds for how much the series move now, float64 (n_series, n_knots)."""
        steps = self._in_my_order(recent.labels, volatility.newest_steps(recent.values))
        return volatility.at_horizons(volatility.restlessness(steps, self.typical_steps), self.knots)

    def _reach(self, level: float) -> NDArray[np.float64]:
        """How far lower and upper bounds lie from the point at the knots, float64 (2, n_series, n_knots)."""
        ratio = _half_width(level) / _half_width(self.settings.level)
        scores = np.minimum(self.thresholds * np.exp(self.widening) * ratio, MAX_SCORE)
        units = np.repeat(self.units[:, None], len(self.knots), axis=1)
        reach = errors_at(-scores[:, 0], self.sketches, units), errors_at(scores[:, 1], self.sketches, units)
        return np.stack(reach)

    def with_widening(self, widening: NDArray[np.float64]) -> FittedForecasts:
        """The same fits with the live calibration's word on their bounds."""
        return replace(self, widening=np.array(widening, dtype=np.float64))

    def take(self, series: Sequence[int] | NDArray[np.int64]) -> FittedForecasts:
        """The series with these numbers, in this order; thresholds and counts stay those of the whole."""
        picked = np.asarray(series, dtype=np.int64)
        columns: dict[str, Any] = {name: getattr(self, name)[picked] for name in saved.COLUMNS}
        labels, models = (tuple(column[i] for i in picked) for column in (self.labels, self.models))
        return replace(self, labels=labels, models=models, **columns)

    @staticmethod
    def concatenate(parts: Sequence[FittedForecasts]) -> FittedForecasts:
        """Join what worker processes fitted of one query; thresholds are pooled anew over all series.

        Raises:
            ValueError: if there is nothing to join, or settings or fit times differ.
        """
        if not parts:
            raise ValueError("nothing to concatenate")
        first = parts[0]
        if any((part.settings, part.fitted_at_ms) != (first.settings, first.fitted_at_ms) for part in parts):
            raise ValueError("parts were fitted with different settings or at different times")
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts]) for name in saved.COLUMNS
        }
        return replace(
            first,
            labels=tuple(labels for part in parts for labels in part.labels),
            models=tuple(model for part in parts for model in part.models),
            thresholds=_thresholds(columns["lower_scores"], columns["upper_scores"], first.settings.level),
            counts=FitCounts.total([part.counts for part in parts]),
            **columns,
        )

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Everything as arrays for `numpy.savez`; labels and other words as JSON in bytes. No pickle."""
        return saved.to_arrays(self)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> FittedForecasts:
        """What `to_arrays` gave.

        Raises:
            StateError: if it is not that; the caller sets it aside and fits anew.
        """
        return saved.from_arrays(arrays)


def _half_width(level: float) -> float:
    """Normal score of the upper bound of a two-sided interval."""
    return NormalDist().inv_cdf(0.5 + level / 2.0)


def _thresholds(lower: NDArray[np.float32], upper: NDArray[np.float32], level: float) -> NDArray[np.float64]:
    return np.stack([pooled_threshold(-lower, level), pooled_threshold(upper, level)])


def _shift_columns(shifts: list[ShiftFit], settings: ForecastSettings, n_knots: int) -> dict[str, Any]:
    """The columns of level shifts, by name."""
    empty = ShiftFit.none(settings, n_knots)
    return {
        f"shift_{column}": np.array([getattr(shift, name) for shift in shifts]).reshape(
            len(shifts), *getattr(empty, name).shape
        )
        for column, name in (("states", "state"), ("patterns", "pattern"), ("counts", "counts"), ("paths", "paths"))
    }


def _curve_from(
    curves: NDArray[np.float64], age_steps: float, n_steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The curve `age_steps` after the fit, (n_series,), and the `n_steps` after that, (n_series, n_steps)."""
    last = curves.shape[1] - 1
    positions = np.minimum(age_steps + np.arange(n_steps + 1), float(last))
    left = np.minimum(positions.astype(np.int64), max(last - 1, 0))
    share = positions - left
    curve = curves[:, left] * (1.0 - share) + curves[:, np.minimum(left + 1, last)] * share
    return curve[:, 0], curve[:, 1:]
