"""Fit all series of a query: prepare, compare members by backtest, keep the winner's curve and its errors as arrays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.catalogue import AUTO, CANDIDATES, check_model_name, make_member
from pronoia.models.forecast.calendar.layer import CalendarLayer
from pronoia.models.forecast.explain import weights_of
from pronoia.models.forecast.fit_counts import FitCounts
from pronoia.models.forecast.fitted import FittedForecasts
from pronoia.models.forecast.intervals import fit_sketches, walk_scores
from pronoia.models.forecast.knots import knot_weights, make_knots
from pronoia.models.forecast.level_shift import scan_level
from pronoia.models.forecast.paths import error_dependence
from pronoia.models.forecast.prepare import constant_value, prepare, reason_to_skip
from pronoia.models.forecast.rebased import Rebased
from pronoia.models.forecast.rolling import choose_origins, finite_curve
from pronoia.models.forecast.seasons import find_seasons
from pronoia.models.forecast.series_fit import SeriesFit
from pronoia.models.forecast.shift_evidence import BacktestErrors, response_losses
from pronoia.models.forecast.shift_fit import ShiftFit, fit_shift
from pronoia.models.forecast.trial import Trial
from pronoia.models.forecast.volatility import at_horizons, mean_step, recent_steps, restlessness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.models.forecast.calendar.entered import EnteredSeries
    from pronoia.models.forecast.prepare import PreparedSeries
    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.series import AlignedFrame, LabelSet

# A member must beat the guard by this much to be used, and itself on a re-based history: less is luck with two dozen
# origins.
_MARGIN = 0.02
# Beyond the errors seen, a bound grows by at least this share of the series' mean absolute deviation per normal score.
_UNIT = 0.01
# Members whose level is that of days past, so that a shift among them misleads; the others follow by themselves.
_AT_LEVEL_OF_DAYS = ("median", "mstl", "seasonal-mean")
_SEASONAL = ("seasonal-naive", "seasonal-mean", "mstl")


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """What is kept of the winner only to be shown."""

    member_weights: NDArray[np.float64]
    loss_ratio: float


def fit_forecasts(
    history: AlignedFrame, settings: ForecastSettings, incumbents: Mapping[LabelSet, str] | None = None
) -> FittedForecasts:
    """Fit every series of a history; one that cannot be fitted is left out with a reason, and costs no other.

    Cost: about a quarter of a second per series with two weeks of five-minute steps, most of it the backtest of all
    members; with an incumbent, that of one and of the guard.

    Args:
        history: n_series series on a grid of the settings' step, ending now; NaN where there is no sample.
        settings: horizon, level, model and limits.
        incumbents: under `model: auto`, members that need to beat nothing but the guard, by the labels of their
            series: those of a contest not long ago. Series without one hold a contest of all members.

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
    calendar = CalendarLayer.of(history.grid, settings)
    entered: list[EnteredSeries] = []
    for labels, values in zip(history.labels, history.values, strict=True):
        reason = reason_to_skip(values, longest_silence=max(12, settings.horizon_steps // 4))
        if reason is not None:
            skipped.append((labels, reason))
            continue
        series = calendar.enter(labels, values)
        entered.append(series)
        constant = constant_value(series.values)
        if constant is not None:
            fits.append(series.leave(SeriesFit.constant(labels, constant, series.settings), settings.curve_steps))
            continue
        incumbent = incumbents.get(labels) if incumbents else None
        fitted, was_guarded = _fit_series(labels, prepare(series.values), series.settings, failures, incumbent)
        fits.append(series.leave(replace(fitted, is_guarded=was_guarded), settings.curve_steps))
    counts = FitCounts(tuple(skipped), dict(failures))
    fitted_all = FittedForecasts.from_fits(fits, settings, history.grid.end_ms, counts)
    return fitted_all.with_effects(calendar.effects(entered))


def _fit_series(
    labels: LabelSet,
    series: PreparedSeries,
    settings: ForecastSettings,
    failures: Counter[str],
    incumbent: str | None,
) -> tuple[SeriesFit, bool]:
    """The winner's curve and errors, and whether the guard won against others."""
    seasons = find_seasons(series.values, settings.step_ms)
    origins = choose_origins(len(series.values))
    guard = "seasonal-naive" if seasons and seasons[0] < origins[0] else "naive"
    trials = []
    for name in _pool(settings.model, guard, incumbent):
        if name in _SEASONAL and not (seasons and seasons[0] < origins[0]):
            continue
        try:
            member = make_member(name, settings)
            trials.append(Trial.of(name, member, series, settings, seasons=seasons, origins=origins))
        except ModelError:
            failures[f"{name}:backtest"] += 1
    ranking = _rank(trials, guard, pinned=settings.model)
    if (
        ranking
        and ranking[0].name in _AT_LEVEL_OF_DAYS
        and len(scan_level(series.values, settings.day_steps, 0).shifts)
    ):
        ranking = _with_rebased(ranking, series, settings, seasons=seasons, origins=origins, failures=failures)
    for trial in ranking:
        try:
            fitted = trial.member.fit(series.values, seasons)
            curve = finite_curve(fitted, settings.curve_steps)
        except ModelError:
            failures[f"{trial.name}:fit"] += 1
            continue
        won_by_guard = trial.name == guard and len(trials) > 1
        told = _Told(weights_of(fitted), trial.relative_loss(_named(trials, guard)))
        shift = fit_shift(series, trial.member, curve, seasons=seasons, settings=settings, failures=failures)
        fit = _series_fit(labels, series, trial, settings, curve, origins=origins, told=told, shift=shift)
        return fit, won_by_guard
    raise ModelError(guard, "the guard failed")


def _pool(model: str, guard: str, incumbent: str | None) -> tuple[str, ...]:
    """Names to compare, the guard first."""
    names: tuple[str, ...] = CANDIDATES if model == AUTO else (model,)
    if incumbent is not None and incumbent in names:
        names = (incumbent,)
    return (guard, *(name for name in names if name != guard))


def _with_rebased(
    ranking: list[Trial],
    series: PreparedSeries,
    settings: ForecastSettings,
    *,
    seasons: tuple[int, ...],
    origins: NDArray[np.int64],
    failures: Counter[str],
) -> list[Trial]:
    """The winner on re-based histories put first, if its backtest is better so by the margin."""
    best = ranking[0]
    if not len(scan_level(series.values, settings.day_steps, 0).shifts):
        return ranking
    try:
        member = Rebased(best.member, settings.day_steps)
        rebased = Trial.of(best.name, member, series, settings, seasons=seasons, origins=origins)
    except ModelError:
        failures[f"{best.name}:rebased"] += 1
        return ranking
    return [rebased, *ranking] if rebased.relative_loss(best) + _MARGIN < 1.0 else ranking


def _rank(trials: list[Trial], guard: str, pinned: str) -> list[Trial]:
    """Best first. The guard stands before all that do not beat it by the margin; a pinned model before the guard."""
    if pinned != AUTO:
        return sorted(trials, key=lambda trial: trial.name != pinned)
    reference = _named(trials, guard)
    margins = {guard: 0.0}
    return sorted(trials, key=lambda trial: trial.relative_loss(reference) + margins.get(trial.name, _MARGIN))


def _named(trials: list[Trial], name: str) -> Trial:
    return next(trial for trial in trials if trial.name == name)


def _series_fit(
    labels: LabelSet,
    series: PreparedSeries,
    trial: Trial,
    settings: ForecastSettings,
    curve: NDArray[np.float64],
    *,
    origins: NDArray[np.int64],
    told: _Told,
    shift: ShiftFit,
) -> SeriesFit:
    knots = make_knots(settings.horizon_steps)
    typical = mean_step(series.values)
    instants = np.minimum(origins[:, None] + trial.nows, len(series.values) - 1)
    spreads = at_horizons(
        restlessness(recent_steps(series.values)[instants], np.array(typical)), np.arange(1, knots[-1] + 1)
    )
    scaled = trial.errors / spreads
    lower, upper = walk_scores(scaled, origins, knots, _UNIT)
    sketches = fit_sketches(scaled, origins, knots)
    # Errors right after a fit: those at later instants are the same futures over again.
    dependence = error_dependence(scaled[:, 0], sketches, knot_weights(knots, int(knots[-1])), _UNIT)
    seen = BacktestErrors(
        trial.fitted, origins, trial.nows, knots, trial.persistence, trial.errors, spreads, sketches, _UNIT
    )
    losses = response_losses(series.values, seen, day_steps=settings.day_steps, curve_steps=settings.curve_steps)
    return SeriesFit(
        labels=labels,
        model=trial.name,
        curve=curve * series.scale + series.centre,
        persistence=trial.persistence,
        sketches=sketches * series.scale,
        dependence=dependence,
        unit=_UNIT * series.scale,
        typical_step=typical * series.scale,
        lower_scores=lower,
        upper_scores=upper,
        member_weights=told.member_weights,
        loss_ratio=told.loss_ratio,
        shift=replace(shift, losses=losses),
    )
