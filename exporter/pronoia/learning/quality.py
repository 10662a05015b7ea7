"""LiveQuality: how good a query's forecasts of the last days turned out to be."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from pronoia.learning.matured import MaturedErrors

_WINDOW_MS = 7 * 86_400_000
# Of fewer truths, one more or less outside its bounds moves the coverage by more than the interval leaves outside.
_MIN_TRUTHS = 20


@dataclass(frozen=True, slots=True)
class Quality:
    """What matured within the window.

    Args:
        coverage: for each level, share of truths inside its interval per knot, NaN where too few have matured.
        mase: summed error over summed seasonal-naive error of the same instants (the scale of MASE cancels), horizons
            with enough truths alike; below 1 is better than seasonal naive; NaN while that is not known.
        n_matured: truths compared.
    """

    coverage: tuple[tuple[float, ...], ...]
    mase: float
    n_matured: int


@dataclass(frozen=True, slots=True)
class _Tally:
    instant_ms: int
    knot: int
    n_known: int
    error: float
    seasonal_error: float
    n_missed: NDArray[np.float64]


class LiveQuality:
    """A rolling window of a week over what matured.

    Args:
        n_knots: number of horizons told apart.
        window_ms: length of the window.
        min_truths: a horizon's figures are not told from fewer.
        n_levels: how many levels the errors tell of.
    """

    def __init__(
        self, n_knots: int, window_ms: int = _WINDOW_MS, min_truths: int = _MIN_TRUTHS, n_levels: int = 1
    ) -> None:
        self._n_knots = n_knots
        self._n_levels = n_levels
        self._min_truths = min_truths
        self._window_ms = window_ms
        self._tallies: deque[_Tally] = deque()

    def absorb(self, matured: Iterable[MaturedErrors]) -> None:
        """Count errors, oldest first; what has left the window is forgotten."""
        for errors in matured:
            both = np.isfinite(errors.error) & np.isfinite(errors.seasonal_error)
            self._tallies.append(
                _Tally(
                    instant_ms=errors.instant_ms,
                    knot=errors.knot,
                    n_known=errors.n_known,
                    error=float(errors.error[both].sum()),
                    seasonal_error=float(errors.seasonal_error[both].sum()),
                    n_missed=np.nansum(errors.missed, axis=(0, 2)),
                )
            )
        while self._tallies and self._tallies[0].instant_ms < self._tallies[-1].instant_ms - self._window_ms:
            self._tallies.popleft()

    @property
    def quality(self) -> Quality:
        """The window's figures."""
        known, missed = np.zeros(self._n_knots), np.zeros((self._n_levels, self._n_knots))
        error, seasonal = np.zeros(self._n_knots), np.zeros(self._n_knots)
        for tally in self._tallies:
            known[tally.knot] += tally.n_known
            missed[:, tally.knot] += tally.n_missed
            error[tally.knot] += tally.error
            seasonal[tally.knot] += tally.seasonal_error
        told = known >= self._min_truths
        coverage = np.where(told, 1.0 - missed / np.maximum(known, 1.0), np.nan)
        return Quality(
            coverage=tuple(map(tuple, coverage.tolist())),
            mase=_mean_ratio(error[told], seasonal[told]),
            n_matured=int(known.sum()),
        )


def _mean_ratio(error: NDArray[np.float64], seasonal: NDArray[np.float64]) -> float:
    judged = (seasonal > 0.0) & (error > 0.0)
    return float(np.exp(np.log(error[judged] / seasonal[judged]).mean())) if judged.any() else float("nan")


def nearest_knot(knots: NDArray[np.int64], horizon_steps: float) -> int:
    """Number of the knot nearest to a horizon, in ratio.

    >>> nearest_knot(np.array([1, 2, 3, 12, 288]), 4)
    2
    """
    return int(np.argmin(np.abs(np.log(knots) - np.log(max(horizon_steps, 1e-9)))))
