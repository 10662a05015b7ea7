"""Values seen from a level and a spread that follow them, which is what lets a score outlive a drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Half-life of level and spread; of one to seven days, three were best on the machines chosen by.
HALF_LIFE_SECONDS = 3 * 86_400.0
# Half-lives end here, so that hourly values have something to average.
_MIN_HALF_LIFE_STEPS = 30.0
# Least spread, in spreads of the whole history: what stood still for days is not strange at the first breath.
_FLOOR = 0.3
# A single deviation counts no more than this for the spread that later ones are measured by.
_MAX_DEVIATION = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class MovingScale:
    """Level and variance after a history, each float64 (n_metrics,), and how fast they move on."""

    level: NDArray[np.float64]
    variance: NDArray[np.float64]
    rate: float

    @classmethod
    def start(cls, n_metrics: int, step_seconds: float, half_life_seconds: float = HALF_LIFE_SECONDS) -> MovingScale:
        """Those of standardised values, before anything was seen."""
        return cls(np.zeros(n_metrics), np.ones(n_metrics), rate_of(half_life_seconds, step_seconds))

    def deviations(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], MovingScale]:
        """Deviations from the level of the step before, in spreads of the step before, and where they lead to."""
        _, _, out, after = self.expected(values)
        return out, after

    def expected(
        self, values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], MovingScale]:
        """Level, spread and deviations from them at each step, (n_steps, n_metrics) each, and where they lead to."""
        level, variance = self.level.copy(), self.variance.copy()
        out, levels, spreads = (np.empty_like(values) for _ in range(3))
        _follow(values, level, variance, self.rate, out, levels, spreads)
        return levels, spreads, out, MovingScale(level, variance, self.rate)


def rate_of(half_life_seconds: float, step_seconds: float) -> float:
    """Weight of the newest value in a mean of this half-life."""
    steps = max(half_life_seconds / step_seconds, _MIN_HALF_LIFE_STEPS)
    return float(1.0 - 0.5 ** (1.0 / steps))


@compiled
def _follow(
    values: NDArray[np.float64],
    level: NDArray[np.float64],
    variance: NDArray[np.float64],
    rate: float,
    out: NDArray[np.float64],
    levels: NDArray[np.float64],
    spreads: NDArray[np.float64],
) -> None:
    n_steps, n_metrics = values.shape
    for t in range(n_steps):
        for i in range(n_metrics):
            away = values[t, i] - level[i]
            spread = max(np.sqrt(variance[i]), _FLOOR)
            out[t, i], levels[t, i], spreads[t, i] = away / spread, level[i], spread
            held = min(max(away, -_MAX_DEVIATION * spread), _MAX_DEVIATION * spread)
            level[i] += rate * held
            variance[i] += rate * (held * held - variance[i])
