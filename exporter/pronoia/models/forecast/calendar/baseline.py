"""What a series would have been without events: its level around each of them, and the usual shape of the day."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.calendar.days import LocalDays

_WEEKEND = (5, 6)
# Days of a kind from which a shape is taken; with fewer, all days share one.
_MIN_DAYS = 2


def without_shape(
    values: NDArray[np.float64], days: LocalDays | None, eventful: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """A history less the median shape of its days, float64 (n_past,); working days and weekends have one each.

    What lies in events makes no shape, unless nothing else is known of a time of day.

    Args:
        values: float64 (n_past,), NaN where there is no sample.
        days: of the history; None where steps do not divide a day, so that there is no shape.
        eventful: bool (n_past,), the steps inside events.
    """
    if days is None or days.n_slots < 2:
        return values
    quiet = days.by_day(np.where(eventful, np.nan, values))
    level = _median(quiet, axis=1)
    is_weekend = np.isin(days.weekday[: days.n_days], _WEEKEND)
    kinds = [is_weekend, ~is_weekend]
    if min(kind.sum() for kind in kinds) < _MIN_DAYS:
        kinds = [np.ones(days.n_days, dtype=bool)]
    table = days.by_day(values)
    for kind in kinds:
        shape = _median(quiet[kind] - level[kind, None], axis=0)
        loud = _median(table[kind] - _median(table[kind], axis=1)[:, None], axis=0)
        table[kind] -= np.nan_to_num(np.where(np.isfinite(shape), shape, loud))
    flat: NDArray[np.float64] = table[days.row[: days.n_past], days.slot[: days.n_past]]
    return flat


def deviations(
    flat: NDArray[np.float64], eventful: NDArray[np.bool_], start: int, end: int, width: int
) -> NDArray[np.float64]:
    """Steps from a start up to an end less the level before and after, float64 (end - start,).

    Args:
        flat: float64 (n_past,) from `without_shape`.
        eventful: bool (n_past,); such steps make no level.
        start: first step, in the history.
        end: first step after; steps beyond the history are NaN.
        width: steps on either side whose medians are the level.
    """
    quiet = np.where(eventful, np.nan, flat)
    sides = [quiet[max(start - width, 0) : start], quiet[end : end + width]]
    levels = [float(np.nanmedian(side)) for side in sides if np.isfinite(side).any()]
    inside = np.full(end - start, np.nan)
    seen = flat[start:end]
    inside[: len(seen)] = seen - (sum(levels) / len(levels) if levels else np.nan)
    return inside


def _median(rows: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        median: NDArray[np.float64] = np.nanmedian(rows, axis=axis)
    return median
