"""One query's walk through a recording: fit, forecast, learn from what came, go on."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.path_scores import FIXED_DEPENDENCES, reading_ranks
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.knots import make_knots
from pronoia.models.forecast.levels import further_levels, known_levels
from pronoia.models.forecast.prepare import forward_fill
from pronoia.models.forecast.widening import adapt_own, adapt_shared
from pronoia.series import Grid, TimeRange, align

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pronoia.evaluation.plan import BacktestPlan
    from pronoia.models.forecast.fitted import FittedForecasts
    from pronoia.predictions.forecast import Forecast
    from pronoia.series import AlignedFrame, LabelSet, SeriesFrame


@dataclass(frozen=True, slots=True, eq=False)
class OriginResult:
    """What was forecast at one origin, by us and by the baselines, and what came.

    All arrays are float64 (n_series, horizon_steps), source unit; truth is NaN where there was no sample. `further` are
    the same forecasts with intervals of the standard levels other than the plan's. `path_ranks` are float64
    (n_series, 3, 3) for `path_scores.DEPENDENCES` and `READINGS`, None unless the plan asks for paths.
    """

    origin_ms: int
    forecast: Forecast
    further: tuple[Forecast, ...]
    truth: NDArray[np.float64]
    seasonal_naive: NDArray[np.float64]
    persistence: NDArray[np.float64]
    skipped: tuple[tuple[LabelSet, str], ...]
    guarded: int
    fit_seconds: float
    path_ranks: NDArray[np.float64] | None = None


class _Learner:
    """The live calibration's state, and the forecasts whose truth has not come yet."""

    def __init__(self, labels: tuple[LabelSet, ...], knots: NDArray[np.int64], level: float) -> None:
        self._row_of = {label: row for row, label in enumerate(labels)}
        self._knots = knots
        self._levels = np.array(known_levels(level))[:, None, None]
        self._shared = np.zeros((len(self._levels), 2, len(knots)))
        self._own = np.zeros((len(labels), *self._shared.shape))
        self._pending: list[OriginResult] = []
        self._learnt_until_ms = 0

    def rows(self, labels: tuple[LabelSet, ...]) -> list[int]:
        return [self._row_of[label] for label in labels]

    def widening(self, labels: tuple[LabelSet, ...]) -> NDArray[np.float64]:
        widening: NDArray[np.float64] = self._shared + self._own[self.rows(labels)]
        return widening

    def remember(self, result: OriginResult) -> None:
        self._pending.append(result)

    def learn(self, now_ms: int) -> None:
        """Take up every bound whose instant lies in the past and was not taken up before, oldest forecast first."""
        for result in self._pending:
            instants = result.origin_ms + self._knots * result.forecast.grid.step_ms
            fresh = (instants > self._learnt_until_ms) & (instants <= now_ms)
            if not fresh.any():
                continue
            truth = np.where(fresh, result.truth[:, self._knots - 1], np.nan)
            by_level = sorted((result.forecast, *result.further), key=lambda forecast: forecast.level)
            lower, upper = (
                np.stack([getattr(forecast, name)[:, self._knots - 1] for forecast in by_level], axis=1)
                for name in ("lower", "upper")
            )
            missed = np.stack([truth[:, None] < lower, truth[:, None] > upper], axis=2).astype(np.float64)
            missed = np.where(np.isnan(truth)[:, None, None], np.nan, missed)
            rows = self.rows(result.forecast.labels)
            self._shared = adapt_shared(self._shared, missed, self._levels)
            self._own[rows] = adapt_own(self._own[rows], missed, self._levels)
        self._learnt_until_ms = now_ms
        horizon_ms = int(self._knots[-1]) * (self._pending[0].forecast.grid.step_ms if self._pending else 0)
        self._pending = [result for result in self._pending if result.origin_ms + horizon_ms > now_ms]


def walk(frame: SeriesFrame, plan: BacktestPlan) -> Iterator[OriginResult]:
    """Forecast one query's series at each origin of the plan, oldest first, as the live system would.

    At each origin the fit sees the history up to it and nothing else, and the calibration has learnt from the bounds of
    earlier origins that had matured by then. Baselines: the value one day earlier, and the last value.

    Args:
        frame: the series of one query, which end at about the same time.
        plan: the protocol.
    """
    if not frame.n_samples:
        return
    start_ms, end_ms = int(frame.timestamps_ms.min()), int(frame.timestamps_ms.max())
    settings = plan.settings
    learner = _Learner(frame.labels, make_knots(settings.horizon_steps), plan.level)
    for origin_ms in plan.origins_ms(start_ms, end_ms).tolist():
        learner.learn(origin_ms)
        n_steps = int(min(plan.history_ms, origin_ms - start_ms) // plan.step_ms) + 1
        past = Grid.ending_at(origin_ms, plan.step_ms, n_steps)
        history = align(frame.within(TimeRange(past.start_ms - plan.step_ms, origin_ms)), past)
        started = time.perf_counter()
        fitted = fit_forecasts(history, settings)
        fit_seconds = time.perf_counter() - started
        if not fitted.n_series:
            continue
        fitted = fitted.with_widening(learner.widening(fitted.labels))
        forecast = fitted.predict(history, settings.horizon_steps)
        row_of = {labels: row for row, labels in enumerate(history.labels)}
        seen = np.array([forward_fill_all(history.values[row_of[labels]]) for labels in fitted.labels])
        truth = _truth(frame, forecast)
        result = OriginResult(
            origin_ms=origin_ms,
            forecast=forecast,
            further=tuple(fitted.at_level(forecast, history, level) for level in further_levels(plan.level)),
            truth=truth,
            seasonal_naive=_repeat_season(seen, plan.season_steps, settings.horizon_steps),
            persistence=np.repeat(seen[:, -1:], settings.horizon_steps, axis=1),
            skipped=fitted.skipped,
            guarded=fitted.guarded,
            fit_seconds=fit_seconds,
            path_ranks=_path_ranks(fitted, history, forecast, truth, plan) if plan.n_paths else None,
        )
        learner.remember(result)
        yield result


def _path_ranks(
    fitted: FittedForecasts,
    history: AlignedFrame,
    forecast: Forecast,
    truth: NDArray[np.float64],
    plan: BacktestPlan,
) -> NDArray[np.float64]:
    """Ranks of the truth among paths with the learnt dependence and with the two extremes."""
    # A value that is reached sooner or later, or not: the middle of the 50 % interval's upper bound.
    threshold = np.median(fitted.at_level(forecast, history, 0.5).upper, axis=1)
    ranks = []
    for fixed in (None, *FIXED_DEPENDENCES):
        rng = np.random.default_rng(plan.seed)
        chosen = fitted if fixed is None else replace(fitted, dependence=np.tile(fixed, (fitted.n_series, 1)))
        paths = chosen.sample_paths(history, plan.settings.horizon_steps, plan.n_paths, rng)
        ranks.append(reading_ranks(paths, truth, threshold, rng))
    return np.stack(ranks, axis=1)


def forward_fill_all(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gaps filled with the value before, a gap at the start with the first value."""
    first = int(np.flatnonzero(np.isfinite(values))[0])
    filled = values.copy()
    filled[:first] = values[first]
    return forward_fill(filled)


def _repeat_season(seen: NDArray[np.float64], season: int, n_steps: int) -> NDArray[np.float64]:
    """The last season again and again; with less history than a season, the last value."""
    if seen.shape[1] < season:
        return np.repeat(seen[:, -1:], n_steps, axis=1)
    last = seen[:, seen.shape[1] - season :]
    return last[:, np.arange(n_steps) % season]


def _truth(frame: SeriesFrame, forecast: Forecast) -> NDArray[np.float64]:
    grid = forecast.grid
    future = align(frame.within(TimeRange(grid.start_ms - grid.step_ms, grid.end_ms)), grid)
    row_of = {labels: row for row, labels in enumerate(future.labels)}
    nothing = np.full(grid.n_steps, np.nan)
    return np.array([future.values[row_of[s]] if s in row_of else nothing for s in forecast.labels])
