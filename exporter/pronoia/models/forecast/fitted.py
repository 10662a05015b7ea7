"""FittedForecasts: what a fit leaves behind, as columns over series."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.models.forecast import saved, volatility
from pronoia.models.forecast.calendar.effects import CalendarEffects
from pronoia.models.forecast.calendar.times import NO_CALENDAR
from pronoia.models.forecast.curves import curves_from
from pronoia.models.forecast.dependence import sample_scores
from pronoia.models.forecast.explain import WEIGHTS_SHAPE
from pronoia.models.forecast.fit_counts import FitCounts
from pronoia.models.forecast.intervals import N_SCORES
from pronoia.models.forecast.knots import knot_weights, make_knots
from pronoia.models.forecast.levels import half_width, known_levels, threshold_at, thresholds_of
from pronoia.models.forecast.paths import PATH_LEVELS, paths_at
from pronoia.models.forecast.shift_fit import shift_columns
from pronoia.models.forecast.shift_present import response_to
from pronoia.models.forecast.sketch import MAX_SCORE, SCORES, errors_at
from pronoia.predictions.forecast import Forecast
from pronoia.series import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pronoia.models.forecast.calendar.times import EventTimes
    from pronoia.models.forecast.series_fit import SeriesFit
    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.models.forecast.shift_response import Response
    from pronoia.series import AlignedFrame, LabelSet


#: How many of the newest steps a prediction looks at.
RECENT_STEPS = volatility.WINDOW + 1


@dataclass(frozen=True, eq=False)
class FittedForecasts:
    """All fitted series of one query. A value: calibrating or refitting makes another.

    Args:
        labels: n_series distinct label sets.
        models: n_series names of the member that won, or `constant`.
        settings: what they were fitted with.
        fitted_at_ms: int64 (n_series,), the last instant of the history that each series was fitted to.
        is_guarded: bool (n_series,), whether the guard (seasonal naive, or naive without a season) speaks because
            nothing beat it.
        curves: float64 (n_series, curve_steps + 1), source unit; element k is k steps after `fitted_at_ms`.
        persistence: float64 (n_series, n_knots) in 0-1, see `correction`.
        sketches: float64 (n_series, n_knots, 13), source unit, see `sketch`.
        dependence: float64 (n_series, 3): how errors go together over the horizon, see `dependence`.
        units: float64 (n_series,), source unit: least growth of a bound per normal score beyond its sketch.
        typical_steps: float64 (n_series,), source unit, see `volatility`; zero switches it off.
        lower_scores: float32 (n_series, n_scores, n_knots) from the backtest, see `intervals.walk_scores`.
        upper_scores: likewise for upper bounds.
        member_weights: float32 (n_series, n_members, n_buckets), the weights inside the ensemble where it speaks, zeros
            elsewhere; see `explain`.
        loss_ratios: float32 (n_series,), loss in the backtest over that of the guard; NaN for a constant.
        shift_states: float64 (n_series, 6), source unit, the level at the fit, see `level_shift.LevelScan`.
        shift_patterns: float64 (n_series, n + 1), source unit: pattern of the day from the fit on.
        shift_counts: float64 (n_series, 2, 10): how long departures lasted, see `level_shift.count_ages`.
        shift_paths: float64 (n_series, n_knots), source unit: what the curve would be more at the knots, were a
            departure at the time of the fit to last.
        shift_losses: float64 (n_series, 2), what the backtest says of the response to departures, see `shift_evidence`.
        thresholds: float64 (n_levels, 2, n_knots): normal scores of the lower bounds (positive) and of the upper
            bounds at each of `levels`, pooled over the series of the query.
        widening: float64 (n_series, n_levels, 2, n_knots): logarithm of the factor on those normal scores, learnt live
            (`learning.calibration`); zeros until then.
        counts: what was skipped and what failed.
        effects: what was learnt of the calendar; None where nothing is set.
    """

    labels: tuple[LabelSet, ...]
    models: tuple[str, ...]
    settings: ForecastSettings
    fitted_at_ms: NDArray[np.int64]
    is_guarded: NDArray[np.bool_]
    curves: NDArray[np.float64]
    persistence: NDArray[np.float64]
    sketches: NDArray[np.float64]
    dependence: NDArray[np.float64]
    units: NDArray[np.float64]
    typical_steps: NDArray[np.float64]
    lower_scores: NDArray[np.float32]
    upper_scores: NDArray[np.float32]
    member_weights: NDArray[np.float32]
    loss_ratios: NDArray[np.float32]
    shift_states: NDArray[np.float64]
    shift_patterns: NDArray[np.float64]
    shift_counts: NDArray[np.float64]
    shift_paths: NDArray[np.float64]
    shift_losses: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    widening: NDArray[np.float64]
    counts: FitCounts = field(default_factory=FitCounts)
    effects: CalendarEffects | None = None

    def __post_init__(self) -> None:
        n_series, n_knots = len(self.labels), len(self.knots)
        wanted: dict[str, tuple[int, ...]] = {
            "fitted_at_ms": (n_series,),
            "is_guarded": (n_series,),
            "curves": (n_series, self.settings.curve_steps + 1),
            "persistence": (n_series, n_knots),
            "sketches": (n_series, n_knots, len(SCORES)),
            "dependence": (n_series, 3),
            "units": (n_series,),
            "typical_steps": (n_series,),
            "lower_scores": (n_series, N_SCORES, n_knots),
            "upper_scores": (n_series, N_SCORES, n_knots),
            "member_weights": (n_series, *WEIGHTS_SHAPE),
            "loss_ratios": (n_series,),
            **{name: (n_series, *column.shape[1:]) for name, column in shift_columns([], self.settings).items()},
            "thresholds": (len(self.levels), 2, n_knots),
            "widening": (n_series, len(self.levels), 2, n_knots),
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
        """Stack single series, all fitted to histories of the same end, into columns."""
        n_knots = len(make_knots(settings.horizon_steps))

        def stacked(name: str, *shape: int) -> NDArray[np.float64]:
            return np.array([getattr(fit, name) for fit in fits], dtype=np.float64).reshape(len(fits), *shape)

        lower = stacked("lower_scores", N_SCORES, n_knots).astype(np.float32)
        upper = stacked("upper_scores", N_SCORES, n_knots).astype(np.float32)
        shifts: dict[str, Any] = shift_columns([fit.shift for fit in fits], settings)
        return cls(
            labels=tuple(fit.labels for fit in fits),
            models=tuple(fit.model for fit in fits),
            settings=settings,
            fitted_at_ms=np.full(len(fits), fitted_at_ms, dtype=np.int64),
            is_guarded=np.array([fit.is_guarded for fit in fits], dtype=np.bool_),
            curves=stacked("curve", settings.curve_steps + 1),
            persistence=stacked("persistence", n_knots),
            sketches=stacked("sketches", n_knots, len(SCORES)),
            dependence=stacked("dependence", 3),
            units=stacked("unit"),
            typical_steps=stacked("typical_step"),
            lower_scores=lower,
            upper_scores=upper,
            member_weights=stacked("member_weights", *WEIGHTS_SHAPE).astype(np.float32),
            loss_ratios=stacked("loss_ratio").astype(np.float32),
            **shifts,
            thresholds=thresholds_of(lower, upper, known_levels(settings.level)),
            widening=np.zeros((len(fits), len(known_levels(settings.level)), 2, n_knots)),
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
        return int(self.is_guarded.sum())

    @property
    def failures(self) -> Mapping[str, int]:
        """How often a member failed on a series, by `member:stage`."""
        return self.counts.failures

    @cached_property
    def knots(self) -> NDArray[np.int64]:
        """Horizons, in steps, at which persistence and intervals are known."""
        return make_knots(self.settings.horizon_steps)

    @property
    def levels(self) -> tuple[float, ...]:
        """Coverages of which the thresholds are known, ascending: the standard ones and the settings'."""
        return known_levels(self.settings.level)

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
        age_steps = self._age_steps(recent)
        now, ahead = curves_from(self.curves, age_steps, n_steps)
        spread = None
        if self.effects is not None:
            added, spread = self._of_calendar(self.effects, recent.grid.end_ms, age_steps, n_steps)
            now, ahead = now + added[:, 0], ahead + added[:, 1:]
        newest_error = np.nan_to_num(self._newest(recent) - now)
        weights = knot_weights(self.knots, n_steps)
        point = ahead + newest_error[:, None] * (self.persistence @ weights)
        response = self._response(recent)
        if response is not None:
            rows, departed = response
            point[rows] += departed.at(0.0) @ weights
        offsets = self._offsets(recent, level, response) @ weights
        if spread is not None:
            offsets = _widened(offsets, half_width(level) * spread)
        point, lower, upper = (self._limited(array) for array in (point, point + offsets[0], point + offsets[1]))
        return Forecast(
            labels=self.labels,
            grid=recent.grid.following(n_steps),
            point=point,
            lower=np.minimum(lower, point),
            upper=np.maximum(upper, point),
            level=level,
            models=self.models,
        )

    def _age_steps(self, recent: AlignedFrame) -> NDArray[np.float64]:
        """Steps from each series' fit to the end of `recent`, float64 (n_series,), not negative."""
        age_steps: NDArray[np.float64] = (recent.grid.end_ms - self.fitted_at_ms) / self.settings.step_ms
        return np.maximum(age_steps, 0.0)

    def _of_calendar(
        self, effects: CalendarEffects, now_ms: int, age_steps: NDArray[np.float64], n_steps: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """What events add now and at each step ahead, and the standard deviation that calendar effects have ahead.

        Returns:
            float64 (n_series, n_steps + 1), and float64 (n_series, n_steps) or None where all is zero.
        """
        now_on = Grid(now_ms, self.settings.step_ms, n_steps + 1)
        added, variance = effects.during(self.settings.calendar.events, self.labels, now_on)
        variance = variance[:, 1:]
        if effects.curve_spreads.size:
            variance = variance + np.square(curves_from(effects.curve_spreads, age_steps, n_steps)[1])
        return added, np.sqrt(variance) if variance.any() else None

    def _spread(self, recent: AlignedFrame, n_steps: int) -> NDArray[np.float64] | None:
        """Standard deviation that calendar effects have ahead, (n_series, n_steps); None where there is none."""
        if self.effects is None:
            return None
        return self._of_calendar(self.effects, recent.grid.end_ms, self._age_steps(recent), n_steps)[1]

    def at_level(self, forecast: Forecast, recent: AlignedFrame, level: float) -> Forecast:
        """A forecast that `predict` made of `recent`, with bounds of another level around the same points.

        Saves the work of a second prediction; arguments as for `predict`.
        """
        offsets = self._offsets(recent, level, self._response(recent)) @ knot_weights(self.knots, forecast.grid.n_steps)
        if (spread := self._spread(recent, forecast.grid.n_steps)) is not None:
            offsets = _widened(offsets, half_width(level) * spread)
        lower, upper = (self._limited(forecast.point + offset) for offset in offsets)
        return replace(
            forecast, lower=np.minimum(lower, forecast.point), upper=np.maximum(upper, forecast.point), level=level
        )

    def bounds_at_knots(self, forecast: Forecast, recent: AlignedFrame, levels: Sequence[float]) -> NDArray[np.float64]:
        """Bounds of other levels at the knots alone, float64 (n_levels, 2, n_series, n_knots); see `at_level`.

        Needs a forecast of the whole horizon.
        """
        point = forecast.point[:, self.knots - 1]
        spread = self._spread(recent, forecast.grid.n_steps)
        response = self._response(recent)
        bounds = []
        for level in levels:
            offsets = self._offsets(recent, level, response)
            if spread is not None:
                offsets = _widened(offsets, half_width(level) * spread[:, self.knots - 1])
            bounds.append(self._limited(point + offsets))
        return np.array(bounds).reshape(len(bounds), 2, *point.shape)

    def _limited(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        low, high = self.settings.minimum, self.settings.maximum
        return values if low is None and high is None else np.clip(values, low, high)

    def _offsets(
        self, recent: AlignedFrame, level: float, response: tuple[NDArray[np.int64], Response] | None = None
    ) -> NDArray[np.float64]:
        """What lower and upper bounds add to the point at the knots, float64 (2, n_series, n_knots)."""
        below, above = self._reach(level) * self._restlessness(recent)
        offsets = np.stack([np.minimum(below, 0.0), np.maximum(above, 0.0)])
        if response is not None:
            rows, departed = response
            offsets[:, rows] = departed.offsets(level)
        return offsets

    def _response(self, recent: AlignedFrame) -> tuple[NDArray[np.int64], Response] | None:
        """Rows of series that have left their level, and what that changes; None if there are none."""
        newest = self._newest_few(recent)
        if self.effects is not None:
            few = Grid.ending_at(recent.grid.end_ms, recent.grid.step_ms, newest.shape[1])
            newest = newest - self.effects.during(self.settings.calendar.events, self.labels, few)[0]
        return response_to(self, newest, self._age_steps(recent), lambda level: self._offsets(recent, level))

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

    def _newest(self, recent: AlignedFrame) -> NDArray[np.float64]:
        """The last value of each fitted series in `recent`, float64 (n_series,); NaN where there is none."""
        if not recent.grid.n_steps:
            return np.full(self.n_series, np.nan)
        seen = np.isfinite(recent.values)
        last = recent.grid.n_steps - 1 - np.argmax(seen[:, ::-1], axis=1)
        values = np.where(seen.any(axis=1), recent.values[np.arange(recent.n_series), last], np.nan)
        return self._in_my_order(recent.labels, values)

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
        learnt = self.thresholds * np.exp(self.widening)
        # Each level learns on its own; a higher one must reach no less far for it.
        learnt = np.maximum.accumulate(learnt, axis=1)
        scores = np.minimum(threshold_at(learnt.swapaxes(0, 1), self.levels, level), MAX_SCORE)
        units = np.repeat(self.units[:, None], len(self.knots), axis=1)
        reach = errors_at(-scores[:, 0], self.sketches, units), errors_at(scores[:, 1], self.sketches, units)
        return np.stack(reach)

    def sample_paths(
        self, recent: AlignedFrame, n_steps: int, n_paths: int, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Futures of every series; at each instant they are spread as the intervals of `predict` say.

        Their dependence over time is that of the backtest's errors; series are drawn independently of each
        other, so sums over series come out too narrow.

        Args:
            recent: as for `predict`.
            n_steps: length of a path, at least 1.
            n_paths: paths per series.
            rng: source of chance; the same state gives the same paths.

        Returns:
            float64 (n_series, n_paths, n_steps), source unit, within the settings' minimum and maximum.
        """
        scores = sample_scores(self.dependence, n_steps, n_paths, rng)
        forecast = self.predict(recent, n_steps)
        return self._limited(paths_at(scores, [self.at_level(forecast, recent, level) for level in PATH_LEVELS]))

    def with_widening(self, widening: NDArray[np.float64]) -> FittedForecasts:
        """The same fits with the live calibration's word on their bounds."""
        return replace(self, widening=np.array(widening, dtype=np.float64))

    def with_effects(self, effects: CalendarEffects) -> FittedForecasts:
        """The same fits with what was learnt of the calendar."""
        return replace(self, effects=effects if self.settings.calendar != NO_CALENDAR else None)

    def with_events(self, events: tuple[EventTimes, ...]) -> FittedForecasts:
        """The same fits with the occurrences of events as they are known by now."""
        if self.effects is None:
            return self
        return replace(self, settings=self.settings.with_events(events))

    def take(self, series: Sequence[int] | NDArray[np.int64]) -> FittedForecasts:
        """The series with these numbers, in this order; thresholds and counts stay those of the whole."""
        picked = np.asarray(series, dtype=np.int64)
        columns: dict[str, Any] = {name: getattr(self, name)[picked] for name in saved.COLUMNS}
        labels, models = (tuple(column[i] for i in picked) for column in (self.labels, self.models))
        effects = None if self.effects is None else self.effects.take(picked)
        return replace(self, labels=labels, models=models, effects=effects, **columns)

    @staticmethod
    def concatenate(parts: Sequence[FittedForecasts]) -> FittedForecasts:
        """Join what worker processes fitted of one query; thresholds are pooled anew over all series.

        Raises:
            ValueError: if there is nothing to join, or settings differ.
        """
        if not parts:
            raise ValueError("nothing to concatenate")
        first = parts[0]
        if any(part.settings != first.settings for part in parts):
            raise ValueError("parts were fitted with different settings")
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts]) for name in saved.COLUMNS
        }
        return replace(
            first,
            labels=tuple(labels for part in parts for labels in part.labels),
            models=tuple(model for part in parts for model in part.models),
            counts=FitCounts.total([part.counts for part in parts]),
            effects=CalendarEffects.joined([part.effects for part in parts]),
            **columns,
        ).pooled()

    def pooled(self) -> FittedForecasts:
        """The same fits with thresholds pooled anew over all series; half a second for 10,000 of them."""
        return replace(self, thresholds=thresholds_of(self.lower_scores, self.upper_scores, self.levels))

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


def _widened(offsets: NDArray[np.float64], reach: NDArray[np.float64]) -> NDArray[np.float64]:
    """What bounds add to the point, (2, n_series, n), with what errs by itself: variances add up."""
    return np.stack([-np.hypot(offsets[0], reach), np.hypot(offsets[1], reach)])
