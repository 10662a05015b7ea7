"""Statistical process control: Shewhart's 3-sigma chart, EWMA chart and the Western Electric rules together.

The part of a metric is by how much it passes the chart that it passes most: 1 = on a chart's limit.

References:
    Western Electric, Statistical quality control handbook, 1956 (rules 1 to 4); Roberts, Control chart tests based on
    geometric moving averages, Technometrics 1, 1959; NIST/SEMATECH e-handbook, 6.3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.models.anomaly.windows import moved

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The newest weight of the EWMA chart, and its limit in standard deviations.
_WEIGHT = 0.2
_LIMIT = 3.0
# Western Electric: k of n last ones beyond so many standard deviations, on one side.
_RULES = ((2, 3, 2.0), (4, 5, 1.0), (8, 8, 0.0))
_LONGEST = 8


@dataclass(frozen=True, slots=True, eq=False)
class FittedSpc:
    """What the charts hold at the end of a history.

    Args:
        smooth: float64 (n_metrics,), the EWMA.
        tail: float64 (7, n_metrics), the newest values, for rules on runs.
    """

    smooth: NDArray[np.float64]
    tail: NDArray[np.float64]

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedSpc]:
        """The worst chart of each metric, squared; a rule on runs that holds counts as its limit reached."""
        smoothed, smooth = _smoothed(test, self.smooth)
        chart = np.abs(smoothed) / (_LIMIT * np.sqrt(_WEIGHT / (2.0 - _WEIGHT)))
        worst = np.maximum(chart, np.abs(test) / _LIMIT)
        seen = np.concatenate((self.tail, test))
        for side in (1.0, -1.0):
            for k, n, limit in _RULES:
                beyond = np.zeros((len(seen) + 1, test.shape[1]), np.int64)
                np.cumsum(side * seen > limit, axis=0, out=beyond[1:])
                runs = (beyond[n:] - beyond[:-n])[len(self.tail) + 1 - n :]
                worst = np.maximum(worst, runs >= k)
        parts: NDArray[np.float64] = worst**2
        return parts, FittedSpc(smooth, moved(self.tail, test))


@dataclass(frozen=True, slots=True)
class Spc:
    """The charts; limits are the history's mean and standard deviation."""

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedSpc:  # noqa: ARG002
        """Walk the history once."""
        tail = np.zeros((_LONGEST - 1, train.shape[1]))
        newest = train[-(_LONGEST - 1) :]
        tail[len(tail) - len(newest) :] = newest
        return FittedSpc(_smoothed(train, np.zeros(train.shape[1]))[1], tail)


def _smoothed(
    values: NDArray[np.float64], start: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    out, now = np.empty_like(values), start.copy()
    _smooth(values, now, out)
    return out, now


@compiled
def _smooth(values: NDArray[np.float64], now: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    for t in range(values.shape[0]):
        for i in range(values.shape[1]):
            now[i] += _WEIGHT * (values[t, i] - now[i])
            out[t, i] = now[i]
