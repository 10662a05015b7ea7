"""A series' past in the form from which the prior's inputs are read: values and sums up to any moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Distances in steps over which it is asked how far the series moves; the periods follow them.
LAGS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
#: That is asked of so many of the newest steps, of at least so many and at most so many for a period.
LAG_WINDOW = 1_024
_FEWEST_OF_PERIOD, _MOST_OF_PERIOD = 128, 1_440


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """One series; entry i of a sum is over what came before i, so that no moment sees what comes after it.

    Args:
        values: float64 (n_values,), finite.
        sums: float64 (n_values + 1,), of the values less the first one.
        lags: int64 (n_lags,), `LAGS` and three periods in steps, 0 for none.
        windows: int64 (n_lags,), how many of the newest moves over each lag count.
        moves: float64 (n_lags, n_values + 1), sums of the absolute differences over each lag, from an index on that
            is far enough back for the earliest moment asked for.
    """

    values: NDArray[np.float64]
    sums: NDArray[np.float64]
    lags: NDArray[np.int64]
    windows: NDArray[np.int64]
    moves: NDArray[np.float64]

    @property
    def periods(self) -> NDArray[np.int64]:
        """Hour, day and week in steps, int64 (3,); 0 for none."""
        return self.lags[len(LAGS) :]


def make_past(values: NDArray[np.float64], periods: Sequence[int], earliest: int) -> Past:
    """Sum up.

    Args:
        values: float64 (n_values,), finite.
        periods: three lengths in steps, of the slots for hour, day and week; 0 for none.
        earliest: no moment before this index will be asked for.
    """
    # Around the first value, not the mean, which knows what is to come.
    sums = np.concatenate([[0.0], np.cumsum(values - values[0])])
    lags = np.array([*LAGS, *periods], np.int64)
    of_periods = [min(max(period, _FEWEST_OF_PERIOD), _MOST_OF_PERIOD) for period in periods]
    windows = np.array([LAG_WINDOW] * len(LAGS) + of_periods, np.int64)
    moves = np.zeros((len(lags), len(values) + 1))
    _sum_moves(values, lags, max(earliest - int(windows.max()), 0), moves)
    return Past(values, sums, lags, windows, moves)


@compiled
def _sum_moves(values: NDArray[np.float64], lags: NDArray[np.int64], begin: int, moves: NDArray[np.float64]) -> None:
    for row in range(len(lags)):
        lag = lags[row]
        if lag == 0:
            continue
        total = 0.0
        for i in range(max(begin, lag), len(values)):
            total += abs(values[i] - values[i - lag])
            moves[row, i + 1] = total


@compiled
def mean_of(sums: NDArray[np.float64], offset: float, first: int, end: int) -> float:
    """Mean of the values from `first` to before `end`, the span cut at the beginning; NaN for an empty one."""
    first = max(first, 0)
    return (sums[end] - sums[first]) / (end - first) + offset if end > first else np.nan


@compiled
def mean_move(moves: NDArray[np.float64], lag: int, window: int, anchor: int) -> float:
    """Mean absolute difference over `lag` at the last `window` steps before a moment; NaN if there was none."""
    begin = max(anchor - window, lag)
    return (moves[anchor] - moves[begin]) / (anchor - begin) if lag > 0 and anchor > begin else np.nan


@compiled
def deviation_of(values: NDArray[np.float64], first: int, end: int) -> float:
    """Standard deviation of the values from `first` to before `end`, in two passes; NaN for an empty span."""
    first = max(first, 0)
    if end <= first:
        return np.nan
    total = 0.0
    for i in range(first, end):
        total += values[i] - values[first]
    mean = values[first] + total / (end - first)
    squares = 0.0
    for i in range(first, end):
        squares += (values[i] - mean) ** 2
    return float(np.sqrt(squares / (end - first)))
