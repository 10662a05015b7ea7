"""The line: where a raw score becomes an alarm, so that alarms come as often as configured.

Alarms are counted as episodes. What the detector says of a stretch of history that it was not fitted to gives peaks
over a high threshold, one an episode; their heights fall off as a power law, which tells where the line has to lie for
a rate that a few days of history hold no example of. In less than a day, one incident could hold all that is highest:
what counts as high then begins lower. The line stays until the next fit: one that follows alarms keeps the rate no
better, and makes what comes after a real anomaly look harmless.

Reference:
    Hill, A simple general approach to inference about the tail of a distribution, Annals of Statistics 3, 1975.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

DAY_SECONDS = 86_400.0
#: Alarms nearer to each other than this are one episode.
EPISODE_GAP_SECONDS = 3_600.0
# Shares of a history that a detector is fitted to before it scores what follows.
_FITTED_SHARES = (0.5, 0.75)
# What may count as high in a history: of these shares, the one beyond which most episodes stand apart.
_HIGH = (0.95, 0.99, 0.998)
# And never less than this, however short it is.
_LEAST_HIGH = 0.5
# Peaks that a steepness of this much counts for, where a history holds but few of its own.
_PRIOR_PEAKS = 5.0
_PRIOR_STEEPNESS = 0.5


def fit_line(raw: NDArray[np.float64], false_alarms_per_day: float, step_seconds: float) -> float:
    """The raw score beyond which episodes come so often.

    Args:
        raw: float64 (n_steps,), scores of a history that the detector was not fitted to; it may hold anomalies.
        false_alarms_per_day: episodes a day that are aimed at; positive.
        step_seconds: distance of two steps.

    A tenth of an episode a day from four days holds within a factor of two where days are alike; it does not where what
    comes next is of another kind.

    >>> raw = np.random.default_rng(0).pareto(2.0, 10_000)
    >>> lines = [fit_line(raw, rate, 60.0) for rate in (10.0, 1.0, 0.1)]
    >>> lines == sorted(lines)
    True
    """
    gap = gap_steps(step_seconds)
    # In a short history too, the steps of one episode alone must not be all that lies beyond.
    lowest = max(min(_HIGH[0], 1.0 - gap / len(raw)), _LEAST_HIGH)
    highs = [max(float(np.quantile(raw, share)), 1e-12) for share in (lowest, *_HIGH[1:])]
    candidates = [(_peaks(raw, high, gap), high) for high in highs]
    peaks, high = max(candidates, key=lambda each: len(each[0]))
    excess = np.log(np.maximum(peaks, high) / high)
    steepness = (float(excess.sum()) + _PRIOR_PEAKS * _PRIOR_STEEPNESS) / (len(excess) + _PRIOR_PEAKS)
    per_day = max(len(peaks), 1) / (len(raw) * step_seconds / DAY_SECONDS)
    return high * math.exp(steepness * max(math.log(per_day / false_alarms_per_day), 0.0))


def unseen(
    train: NDArray[np.float64],
    score: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Raw scores of the later half of a history, float64 (n_steps,), each by what was fitted to steps before it alone.

    Args:
        train: float64 (n_steps, n_columns).
        score: fits to its first argument, and gives the raw scores of its second, which follows.
    """
    splits = [int(share * len(train)) for share in _FITTED_SHARES]
    stretches = np.split(train, splits)[1:]
    return np.concatenate([score(train[:at], stretch) for at, stretch in zip(splits, stretches, strict=True)])


def gap_steps(step_seconds: float) -> int:
    """Steps without an alarm after which the next one is another episode."""
    return max(round(EPISODE_GAP_SECONDS / step_seconds), 1)


def _peaks(raw: NDArray[np.float64], high: float, gap: int) -> NDArray[np.float64]:
    at = np.flatnonzero(raw > high)
    if not len(at):
        return np.empty(0)
    firsts = np.concatenate(([0], np.flatnonzero(np.diff(at) > gap) + 1))
    peaks: NDArray[np.float64] = np.maximum.reduceat(raw[at], firsts)
    return peaks
