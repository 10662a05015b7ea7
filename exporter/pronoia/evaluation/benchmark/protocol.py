"""The protocol's rules: how far ahead, from which origins, and which season scales the error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Quantiles that the score is the mean over.
DECILES = tuple(round(0.1 * i, 1) for i in range(1, 10))
#: Terms and how many short horizons each reaches ahead.
TERMS = {"short": 1, "medium": 10, "long": 15}

_MOST_WINDOWS = 20
_TESTED_SHARE = 0.1


def horizon_steps(step_seconds: float, term: str) -> int:
    """How far ahead a term forecasts, in steps: 48 for steps of minutes, 60 for steps of seconds, and multiples.

    >>> [horizon_steps(60, term) for term in TERMS], horizon_steps(10, "long")
    ([48, 480, 720], 900)
    """
    return (60 if step_seconds < 30 else 48) * TERMS[term]


def season_steps(step_seconds: float) -> int:
    """Season of the naive forecast that scales errors, in steps: a day, but an hour for steps of seconds.

    Source: `get_seasonality` of GluonTS, by which the published figures were made.

    >>> season_steps(60), season_steps(300), season_steps(10)
    (1440, 288, 360)
    """
    return max(round((3_600 if step_seconds < 30 else 86_400) / step_seconds), 1)


def count_windows(n_steps: int, horizon: int) -> int:
    """Number of windows, one after the other, counted from the end of the series.

    >>> count_windows(16_384, 48), count_windows(16_384, 720)
    (20, 3)
    """
    return min(max(1, int(np.ceil(_TESTED_SHARE * n_steps / horizon))), _MOST_WINDOWS)


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """All windows of one data set at one term.

    Args:
        source: name of the data set.
        term: short, medium or long.
        step_seconds: distance of two values.
        contexts: float64 (n_windows, n_steps), what is known before each window, the newest value last; shorter
            contexts have NaN before their first value, and NaN stands for a sample that is missing.
        truths: float64 (n_windows, horizon), what came; NaN where there was no sample.
    """

    source: str
    term: str
    step_seconds: float
    contexts: NDArray[np.float64]
    truths: NDArray[np.float64]

    @property
    def horizon(self) -> int:
        """Steps ahead."""
        return int(self.truths.shape[1])


def make_task(
    source: str,
    term: str,
    series: list[NDArray[np.float64]],
    step_seconds: float,
    *,
    most_windows: int = _MOST_WINDOWS,
    most_context: int | None = None,
    least_context: int = 1,
) -> Task:
    """Cut the windows of all series of a data set.

    Args:
        source: name of the data set.
        term: short, medium or long.
        series: float64 (n_steps,) each, of any length, NaN where there is no sample.
        step_seconds: distance of two values.
        most_windows: at most this many windows per series.
        most_context: at most this many steps of context; all by default.
        least_context: windows with fewer steps before them are left out, as are those without any known truth.
    """
    horizon = horizon_steps(step_seconds, term)
    contexts, truths = [], []
    for values in series:
        windows = min(count_windows(len(values), horizon), most_windows)
        for window in range(windows, 0, -1):
            origin = len(values) - window * horizon
            if origin < least_context:
                continue
            context = values[max(origin - (most_context or origin), 0) : origin]
            truth = values[origin : origin + horizon]
            if np.isfinite(context).any() and np.isfinite(truth).any():
                contexts.append(context)
                truths.append(truth)
    longest = max((len(context) for context in contexts), default=0)
    padded = np.full((len(contexts), longest), np.nan)
    for row, context in zip(padded, contexts, strict=True):
        row[longest - len(context) :] = context
    return Task(source, term, step_seconds, padded, np.array(truths).reshape(len(truths), horizon))
