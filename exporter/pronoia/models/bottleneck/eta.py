"""When the overload comes: the discrete hazard joined with the forecast's crossing of the threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# An overload is expected where it is more likely than not.
_EXPECTED = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Eta:
    """Seconds from now, float64 (n_rows,) each.

    Args:
        point: the median time, NaN where no overload is expected.
        lower: the earliest; NaN likewise.
        upper: the latest, infinite where the overload may as well not come; NaN likewise.
    """

    point: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def time_to_overload(
    within: NDArray[np.float64],
    ends_seconds: NDArray[np.float64],
    crossing: Eta,
    is_high: NDArray[np.bool_],
    level: float = 0.95,
) -> Eta:
    """When the overload begins.

    The classifiers, which are calibrated, decide whether it comes and in which of their windows; the forecast says
    where inside that window, and whether it comes beyond the last of them. A forecast that crosses sooner than the
    classifiers expect is not believed. Inside a window of which the forecast says nothing, the time is the one at which
    the probability, linear between the windows' ends, passes one half.

    Args:
        within: float64 (n_rows, n_windows), probability that it has come by the end of each window.
        ends_seconds: float64 (n_windows,), those ends from now, ascending.
        crossing: of the forecast, NaN where it does not cross.
        is_high: bool (n_rows,), whether it is overloaded now: the time is 0.
        level: coverage of the bounds.
    """
    tail = (1.0 - level) / 2.0
    point = _quantile(within, ends_seconds, _EXPECTED)
    lower = _quantile(within, ends_seconds, tail)
    upper = _quantile(within, ends_seconds, 1.0 - tail)
    expected = np.isfinite(point)
    begins = np.concatenate([[0.0], ends_seconds[:-1]])
    window = np.minimum(np.searchsorted(ends_seconds, np.where(expected, point, 0.0)), len(ends_seconds) - 1)
    inside = expected & (crossing.point > begins[window]) & (crossing.point <= ends_seconds[window])
    later = ~expected & (crossing.point > ends_seconds[-1])
    point = np.where(inside | later, crossing.point, point)
    lower = np.where(later, crossing.lower, lower)
    upper = np.where(later, crossing.upper, upper)
    known = np.isfinite(point)
    point = np.where(known, point, np.nan)
    lower = np.where(known, np.minimum(lower, point), np.nan)
    upper = np.where(known, np.maximum(upper, point), np.nan)
    return Eta(*(np.where(is_high, 0.0, each) for each in (point, lower, upper)))


def _quantile(within: NDArray[np.float64], ends: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """When the probability passes a share, linear between the ends; infinite where it does not."""
    reached = within >= share
    first = np.argmax(reached, axis=1)
    rows = np.arange(len(within))
    after = within[rows, first]
    before = np.where(first > 0, within[rows, first - 1], 0.0)
    begin = np.where(first > 0, ends[first - 1], 0.0)
    part = (share - before) / np.maximum(after - before, 1e-12)
    return np.where(reached.any(axis=1), begin + part * (ends[first] - begin), np.inf)
