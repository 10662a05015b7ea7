"""Parts of the date and time of day (UTC) that a number of seconds since 1970 stands for.

Defined for every number, as in Prometheus on x86-64: fractions are cut off, and what is no 64-bit integer (NaN, the
infinities, 1e20) becomes the smallest of them. Go counts seconds modulo 2^64 from the year -292277022399, so that
the few integers before that year stand for times 2^64 seconds later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

_SECONDS_PER_DAY = 86_400
#: The first second of Go's calendar, https://github.com/golang/go/blob/master/src/time/time.go (absoluteYears).
_FIRST_SECOND = -9_223_371_966_579_724_800
#: 1970-01-01 was a Thursday; Sunday is 0.
_FIRST_WEEKDAY = 4


def _seconds(values: NDArray[np.float64]) -> NDArray[np.int64]:
    fits = (values >= -(2.0**63)) & (values < 2.0**63)
    return np.where(fits, np.where(fits, values, 0.0).astype(np.int64), np.int64(-(2**63)))


def _days(values: NDArray[np.float64]) -> NDArray[np.int64]:
    seconds = _seconds(values)
    later = (seconds.view(np.uint64) // np.uint64(_SECONDS_PER_DAY)).astype(np.int64)
    return np.where(seconds < _FIRST_SECOND, later, seconds // _SECONDS_PER_DAY)


def _second_of_day(values: NDArray[np.float64]) -> NDArray[np.int64]:
    seconds = _seconds(values)
    later = (seconds.view(np.uint64) % np.uint64(_SECONDS_PER_DAY)).astype(np.int64)
    return np.where(seconds < _FIRST_SECOND, later, seconds % _SECONDS_PER_DAY)


def _dates(values: NDArray[np.float64]) -> NDArray[np.datetime64]:
    return _days(values).astype("datetime64[D]")


def _months(values: NDArray[np.float64]) -> NDArray[np.datetime64]:
    return _dates(values).astype("datetime64[M]")


def _number_of(days: NDArray[np.timedelta64]) -> NDArray[np.float64]:
    return days.astype(np.float64)


def minute(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minute of the hour, 0 to 59."""
    return (_second_of_day(values) // 60 % 60).astype(np.float64)


def hour(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hour of the day, 0 to 23.

    >>> hour(np.array([1_700_000_000.5, -1.0, 1e20])).tolist()
    [22.0, 23.0, 15.0]
    """
    return (_second_of_day(values) // 3600).astype(np.float64)


def day_of_week(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 for Sunday to 6 for Saturday."""
    return ((_days(values) + _FIRST_WEEKDAY) % 7).astype(np.float64)


def day_of_month(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 to 31."""
    dates = _dates(values)
    return _number_of(dates - dates.astype("datetime64[M]")) + 1


def day_of_year(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 to 366."""
    dates = _dates(values)
    return _number_of(dates - dates.astype("datetime64[Y]")) + 1


def days_in_month(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """28 to 31."""
    months = _months(values)
    return _number_of((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]"))


def month(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 to 12."""
    return (_months(values).astype(np.int64) % 12 + 1).astype(np.float64)


def year(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Gregorian year, carried on before 1582; there is a year 0."""
    return (_dates(values).astype("datetime64[Y]").astype(np.int64) + 1970).astype(np.float64)


#: From seconds, float64 of any shape, to float64 of that shape.
CALENDAR: Mapping[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    part.__name__: part for part in (minute, hour, day_of_week, day_of_month, day_of_year, days_in_month, month, year)
}
