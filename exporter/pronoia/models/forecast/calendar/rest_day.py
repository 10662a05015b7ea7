"""Holidays: how far a series takes one for its day of rest."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.calendar.days import LocalDays

_SUNDAY = 6
# A day of rest is compared with the working days within so many days, as levels move; with further ones where a
# series of holidays leaves none.
_NEAR_DAYS = (3, 7)
# Days that differ by less than this, relative to their values, differ by rounding.
_ROUNDING = 1e-9
# Days of rest must foretell each other by this share better than working days do.
_MIN_LIKENESS = 0.3
# How many holidays of its own weigh as much as what a series' Sundays say; less than the
# least degree is chance.
_PRIOR_HOLIDAYS = 0.1
_LEAST_DEGREE = 0.15
# Share of a day's effect that must have shown to weigh as much as what was expected of the day.
_PRIOR_DAY = 0.05
# A holiday tells its degree once this share of its effect would have shown.
_MOSTLY = 0.8
_MAX_DEGREE = 1.25
# Standard deviation of the degree of a holiday to come, without holidays in the history and least with them.
_UNSURE = 0.4
_LEAST_UNSURE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class HolidayEffect:
    """What holidays did to a history, and will do to the curve after it; source unit, at steps of the local clock.

    Args:
        past: float64 (n_past,), to be taken from the history.
        ahead: float64 (n_ahead + 1,), what turns a usual curve into that of a day of rest; element 0 belongs to the
            last step of the history. Zero outside holidays.
        degree: float64 (n_ahead + 1,), how much of it is expected.
        unsure: standard deviation of the degree.
        rest: float64 (n_ahead + 1,), a day of rest.
        row: int64 (n_ahead + 1,), the day of each step.
    """

    past: NDArray[np.float64]
    ahead: NDArray[np.float64]
    degree: NDArray[np.float64]
    unsure: float
    rest: NDArray[np.float64]
    row: NDArray[np.int64]

    @property
    def spread(self) -> NDArray[np.float64]:
        """Standard deviation of what is added, float64 (n_ahead + 1,)."""
        return self.unsure * np.abs(self.ahead)

    def added_to(self, curve: NDArray[np.float64]) -> NDArray[np.float64]:
        """The curve with its holidays, float64 (n_ahead + 1,).

        A member that knows no week may take the Monday after a Sunday for another Sunday: a curve that looks like a day
        of rest already is moved as much less.
        """
        added = np.zeros(len(curve))
        for row in np.unique(self.row[self.ahead != 0.0]).tolist():
            steps = self.row == row
            effect = self.ahead[steps]
            likeness = float((self.rest[steps] - curve[steps]) @ effect) / float(effect @ effect)
            added[steps] = min(max(likeness, 0.0), 1.0) * self.degree[steps] * effect
        return curve + added


def holiday_effect(
    values: NDArray[np.float64], days: LocalDays, holidays: NDArray[np.bool_], weekend: frozenset[int]
) -> HolidayEffect | None:
    """The effect of holidays on a series with a day of rest; None if it has none, or no holiday is in reach.

    The day of rest is Sunday, or where that is none, the day of the weekend that differs most. Its effect is its mean
    difference from the working days around it, if days of rest agree on that: foretelling each from the others must
    beat expecting no difference. The slope of that is the degree to which a holiday is expected to be a day of rest.
    Each holiday of the history is then measured against it, and their degrees take over. The newest day, if it is a
    holiday, goes on as it began.

    Args:
        values: float64 (n_past,) on the local clock, NaN where there is no sample.
        days: of the history and the curve.
        holidays: bool (days of history and curve,).
        weekend: weekdays of rest, Monday 0 to Sunday 6.

    Cost: some passes over the history; nothing where no holiday is in reach.
    """
    if not holidays.any():
        return None
    table = days.by_day(values)
    weekday = days.weekday[: len(table)]
    free = ~holidays[: len(table)] & (np.isfinite(table).mean(axis=1) >= 0.5)
    working = free & ~np.isin(weekday, list(weekend))
    usual = _usual(table, working)
    differences = table - usual
    if float(np.nanmax(np.abs(differences), initial=0.0)) <= _ROUNDING * float(np.nanmax(np.abs(table), initial=0.0)):
        return None
    found = _day_of_rest(differences, weekday, free, weekend)
    if found is None or found.likeness < _MIN_LIKENESS:
        return None
    rest, likely = found.weekday, found.degree
    shapes = _shapes(differences, weekday, free, weekend)
    effects = shapes[rest] - shapes
    degrees, learnt = {}, []
    for row in np.flatnonzero(holidays[: len(table)]).tolist():
        effect, own = effects[weekday[row]], differences[row] - shapes[weekday[row]]
        seen = np.isfinite(own)
        if not effect[seen].any():
            continue
        degrees[row] = _degree(own, effect, likely)
        if float(effect[seen] @ effect[seen]) > _MOSTLY * float(effect @ effect):
            learnt.append(degrees[row])
    degree = (_PRIOR_HOLIDAYS * likely + sum(learnt)) / (_PRIOR_HOLIDAYS + len(learnt))
    if degree < _LEAST_DEGREE and not any(degrees.values()):
        return None
    unsure = max(float(np.std(learnt)) if learnt else 0.0, _LEAST_UNSURE, _UNSURE / (1 + len(learnt)))
    by_row = np.zeros(len(days.weekday))
    by_row[holidays] = degree if degree >= _LEAST_DEGREE else 0.0
    for row, own in degrees.items():
        by_row[row] = own
    along = np.where(holidays[days.row], effects[days.weekday[days.row], days.slot], 0.0)
    usual_now = np.nan_to_num(_mean(table[np.flatnonzero(working)[-_NEAR_DAYS[0] :]]))
    ahead = slice(days.n_past - 1, None)
    return HolidayEffect(
        past=(by_row[days.row] * along)[: days.n_past],
        ahead=along[ahead],
        degree=by_row[days.row][ahead],
        unsure=unsure,
        rest=(usual_now + shapes[rest])[days.slot[ahead]],
        row=days.row[ahead],
    )


def _usual(table: NDArray[np.float64], working: NDArray[np.bool_]) -> NDArray[np.float64]:
    """For each day the mean of the working days around it, float64 (n_days, n_slots); NaN where there are none."""
    usual = np.full(table.shape, np.nan)
    rows = np.arange(len(table))
    for row in rows.tolist():
        for reach in _NEAR_DAYS:
            near = working & (np.abs(rows - row) <= reach) & (rows != row)
            if near.any():
                usual[row] = _mean(table[near])
                break
    return usual


@dataclass(frozen=True, slots=True)
class _DayOfRest:
    """A weekday, by what share such days foretell each other better than working days do, and with what slope."""

    weekday: int
    likeness: float
    degree: float


def _day_of_rest(
    differences: NDArray[np.float64], weekday: NDArray[np.int64], free: NDArray[np.bool_], weekend: frozenset[int]
) -> _DayOfRest | None:
    """The weekday of rest, or None if fewer than two such days are known."""
    found = {}
    for day in (_SUNDAY,) if _SUNDAY in weekend else sorted(weekend):
        own = differences[free & (weekday == day)]
        own = own[np.isfinite(own).any(axis=1)]
        if len(own) < 2:
            continue
        others = np.array([_mean(np.delete(own, row, axis=0)) for row in range(len(own))])
        known = np.isfinite(own) & np.isfinite(others)
        own, others = own[known], others[known]
        without, power = float(np.abs(own).sum()), float(np.square(others).sum())
        if without > 0.0 and power > 0.0:
            degree = min(max(float(own @ others) / power, 0.0), 1.0)
            found[without] = _DayOfRest(day, 1.0 - float(np.abs(own - others).sum()) / without, degree)
    return found[max(found)] if found else None


def _shapes(
    differences: NDArray[np.float64], weekday: NDArray[np.int64], free: NDArray[np.bool_], weekend: frozenset[int]
) -> NDArray[np.float64]:
    """How each weekday differs from working days, float64 (7, n_slots); zero for working days: few are seen."""
    n_slots = differences.shape[1]
    shapes = np.zeros((7, n_slots))
    for day in weekend:
        own = differences[free & (weekday == day)]
        if len(own):
            shapes[day] = _smooth(_mean(own), max(n_slots // 24, 1))
    return shapes


def _degree(own: NDArray[np.float64], effect: NDArray[np.float64], prior: float) -> float:
    """How far a day was a day of rest; while little of it is seen, what is expected counts as well."""
    known = np.isfinite(own)
    seen, unseen = effect[known], effect[~known]
    weight = min(float(unseen @ unseen), _PRIOR_DAY * float(effect @ effect))
    fitted = (float(own[known] @ seen) + weight * prior) / (float(seen @ seen) + weight)
    return min(fitted, _MAX_DEGREE) if fitted >= _LEAST_DEGREE else 0.0


def _mean(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over rows, NaN where no row has a value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        mean: NDArray[np.float64] = np.nanmean(rows, axis=0)
    return mean


def _smooth(shape: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Moving mean over an odd number of neighbours within the day; gaps are filled from beside them."""
    known = np.isfinite(shape)
    if not known.any():
        return np.zeros(len(shape))
    index = np.arange(len(shape))
    filled = np.interp(index, index[known], shape[known])
    half = width // 2
    padded = np.pad(filled, half, mode="edge")
    smooth: NDArray[np.float64] = np.convolve(padded, np.full(2 * half + 1, 1.0 / (2 * half + 1)), mode="valid")
    return smooth
