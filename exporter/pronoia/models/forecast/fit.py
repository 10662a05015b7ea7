"""Fit all series of a query: prepare, compare members by backtest, keep the winner's curve and its errors as arrays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.catalogue import AUTO, CANDIDATES, check_model_name, make_member
from pronoia.models.forecast.correction import choose_nows, corrected_errors, fit_persistence
from pronoia.models.forecast.fitted import FitCounts, FittedForecasts
from pronoia.models.forecast.intervals import fit_sketches, walk_scores
from pronoia.models.forecast.knots import knot_spans, make_knots
from pronoia.models.forecast.level_shift import scan_level
from pronoia.models.forecast.prepare import constant_value, prepare, reason_to_skip
from pronoia.models.forecast.rebased import Rebased
from pronoia.models.forecast.rolling import choose_origins, finite_curve, residual_paths
from pronoia.models.forecast.seasons import find_seasons
from pronoia.models.forecast.series_fit import SeriesFit
from pronoia.models.forecast.shift_fit import ShiftFit, fit_shift
from pronoia.models.forecast.volatility import at_horizons, mean_step, recent_steps, restlessness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.contract import PointForecaster
    from pronoia.models.forecast.prepare import PreparedSeries
    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.series import AlignedFrame, LabelSet

# A member must beat the guard by this much to be used: less is luck with two dozen origins.
_MARGIN = 0.02
# Beyond the errors seen, a bound grows by at least this share of the series' mean absolute deviation per normal score.
_UNIT = 0.01
_SEASONAL = ("seasonal-naive", "seasonal-mean", "mstl")


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """What the backtest of one member on one series gave."""

    name: str
    member: PointForecaster
    persistence: NDArray[np.float64]
    nows: NDArray[np.int64]
    errors: NDArray[np.float64]
    losses: NDArray[np.float64]


def fit_forecasts(history: AlignedFrame, settings: ForecastSettings) -> FittedForecasts:
    """Fit every series of a history; one that cannot be fitted is left out with a reason, and costs no other.

    Cost: about a quarter of a second per series with two weeks of five-minute steps, most of it the backtest.

    Args:
        history: n_series series on a grid of the settings' step, ending now; NaN where there is no sample.
        settings: horizon, level, model and limits.

    Returns:
        the fitted series in the order of the history.

    Raises:
        ConfigError: if the model's name is not known.
        ValueError: if the grid's step is not the settings'.
    """
    check_model_name(settings.model)
    if history.grid.step_ms != settings.step_ms:
        raise ValueError(f"the history's step is {history.grid.step_ms} ms, the settings' {settings.step_ms} ms")
    fits: list[SeriesFit] = []
    skipped: list[tuple[LabelSet, str]] = []
    failures: Counter[str] = Counter()
    guarded = 0
    for labels, values in zip(history.labels, history.values, strict=True):
        reason = reason_to_skip(values, longest_silence=max(12, settings.horizon_steps // 4))
        if reason is not None:
            skipped.append((labels, reason))
            continue
        constant = constant_value(values)
        if constant is not None:
            fits.append(SeriesFit.constant(labels, constant, settings))
            continue
        fitted, was_guarded = _fit_series(labels, prepare(values), settings, failures)
        fits.append(fitted)
        guarded += was_guarded
    return FittedForecasts.from_fits(
        fits, settings, history.grid.end_ms, FitCounts(tuple(skipped), guarded, dict(failures))
    )


def _fit_series(
    labels: LabelSet, series: PreparedSeries, settings: ForecastSettings, failures: Counter[str]
) -> tuple[SeriesFit, bool]:
    """The winner's curve and errors, and whether the guard won against others."""
    seasons = find_seasons(series.values, settings.step_ms)
    origins = choose_origins(len(series.values))
    guard = "seasonal-naive" if seasons and seasons[0] < origins[0] else "naive"
    trials = []
    for name in _pool(settings.model, guard):
        if name in _SEASONAL and not (seasons and seasons[0] < origins[0]):
            continue
        try:
            trials.append(_try(name, series, settings, seasons, origins))
        except ModelError:
            failures[f"{name}:backtest"] += 1
    ranking = _rank(trials, guard, pinned=settings.model)
    if len(scan_level(series.values, settings.day_steps, 0).shifts):
        ranking = _with_rebased(ranking, series, settings, seasons=seasons, origins=origins, failures=failures)
    for trial in ranking:
        try:
            curve = finite_curve(trial.member.fit(series.values, seasons), settings.curve_steps)
        except ModelError:
            failures[f"{trial.name}:fit"] += 1
            continue
        won_by_guard = trial.name == guard and len(trials) > 1
        knots = make_knots(settings.horizon_steps)
        shift = fit_shift(series, trial.member, curve, seasons=seasons, settings=settings, knots=knots)
        return _series_fit(labels, series, trial, knots=knots, curve=curve, origins=origins, shift=shift), won_by_guard
    raise ModelError(guard, "the guard failed")


def _pool(model: str, guard: str) -> tuple[str, ...]:
    """Names to compare, the guard first."""
    names = CANDIDATES if model == AUTO else (model,)
    return (guard, *(name for name in names if name != guard))


def _try(
    name: str,
    series: PreparedSeries,
    settings: ForecastSettings,
    seasons: tuple[int, ...],
    origins: NDArray[np.int64],
    *,
    is_rebased: bool = False,
) -> _Trial:
    knots, nows = make_knots(settings.horizon_steps), choose_nows(settings.refit_steps)
    member = make_member(name, settings)
    if is_rebased:
        member = Rebased(member, settings.day_steps)
    paths = residual_paths(
        member, series.values, series.truth, seasons=seasons, origins=origins, n_steps=settings.curve_steps
    )
    persistence = fit_persistence(paths, knots, nows)
    errors = corrected_errors(paths, persistence, knots, nows)
    absolute = np.abs(errors)
    known = np.isfinite(absolute)
    filled = np.where(known, absolute, 0.0)
    losses = np.array([filled[:, :, span].sum() / max(known[:, :, span].sum(), 1) for span in knot_spans(knots)])
    return _Trial(name, member, persistence, nows, errors, losses)


def _with_rebased(
    ranking: list[_Trial],
    series: PreparedSeries,
    settings: ForecastSettings,
    *,
    seasons: tuple[int, ...],
    origins: NDArray[np.int64],
    failures: Counter[str],
) -> list[_Trial]:
    """The winner on re-based histories put first, if the backtest says it was no worse so."""
    best = ranking[0]
    try:
        rebased = _try(best.name, series, settings, seasons, origins, is_rebased=True)
    except ModelError:
        failures[f"{best.name}:rebased"] += 1
        return ranking
    is_better = rebased.losses.sum() <= best.losses.sum()
    return [rebased, *ranking] if is_better else ranking


def _rank(trials: list[_Trial], guard: str, pinned: str) -> list[_Trial]:
    """Best first. The guard stands before all that do not beat it by the margin; a pinned model before the guard."""
    reference = next(trial for trial in trials if trial.name == guard)
    if pinned != AUTO:
        return sorted(trials, key=lambda trial: trial.name != pinned)
    floor = 1e-9 + 1e-6 * reference.losses.max()

    def relative_loss(trial: _Trial) -> float:
        # Half the mean over knots, where each horizon's order of magnitude counts the same, half over all steps.
        ratios = (trial.losses + floor) / (reference.losses + floor)
        overall = (np.nanmean(np.abs(trial.errors)) + floor) / (np.nanmean(np.abs(reference.errors)) + floor)
        mean = float(np.exp(np.log(ratios).mean()) + overall) / 2.0
        return mean if trial is reference else mean + _MARGIN

    return sorted(trials, key=relative_loss)


def _series_fit(
    labels: LabelSet,
    series: PreparedSeries,
    trial: _Trial,
    *,
    knots: NDArray[np.int64],
    curve: NDArray[np.float64],
    origins: NDArray[np.int64],
    shift: ShiftFit,
) -> SeriesFit:
    typical = mean_step(series.values)
    instants = np.minimum(origins[:, None] + trial.nows, len(series.values) - 1)
    scaled = trial.errors / at_horizons(
        restlessness(recent_steps(series.values)[instants], np.array(typical)), np.arange(1, knots[-1] + 1)
    )
    lower, upper = walk_scores(scaled, origins, knots, _UNIT)
    return SeriesFit(
        labels=labels,
        model=trial.name,
        curve=curve * series.scale + series.centre,
        persistence=trial.persistence,
        sketches=fit_sketches(scaled, origins, knots) * series.scale,
        unit=_UNIT * series.scale,
        typical_step=typical * series.scale,
        lower_scores=lower,
        upper_scores=upper,
        shift=shift,
    )
