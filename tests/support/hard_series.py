"""Eight kinds of series that break careless forecasts, and where a sensible one stays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEP_SECONDS = 3_600
N_STEPS = 480
HORIZON = 24


@dataclass(frozen=True, eq=False)
class HardSeries:
    """A history, and where its forecast must stay.

    Args:
        values: float64 (480,), hourly; NaN where there is no sample.
        expectation: in words.
        low: the point forecast is nowhere lower.
        high: nor higher.
        usual_low: the middle of the forecast points lies between this
        usual_high: and this.
    """

    values: np.ndarray
    expectation: str
    low: float
    high: float
    usual_low: float
    usual_high: float

    @property
    def bounds(self) -> tuple[float, float]:
        """As far below and above what was seen as it has ranged: beyond, a forecast has exploded."""
        low, high = float(np.nanmin(self.values)), float(np.nanmax(self.values))
        return low - (high - low), high + (high - low)

    def check(self, point: np.ndarray) -> None:
        """Fail unless the forecast is as expected."""
        slack = 1e-9 * (1.0 + abs(self.high))
        assert point.min() >= self.low - slack, self.expectation
        assert point.max() <= self.high + slack, self.expectation
        assert self.usual_low - slack <= np.median(point) <= self.usual_high + slack, self.expectation


def hard_series() -> dict[str, HardSeries]:
    """The eight kinds by name."""
    rng = np.random.default_rng(11)
    steps = np.arange(N_STEPS)
    noisy = 10.0 + rng.normal(0.0, 1.0, N_STEPS)
    half_missing = np.where(rng.random(N_STEPS) < 0.5, np.nan, noisy)
    half_missing[-1] = 10.0
    bursts = np.where(rng.random(N_STEPS) < 0.04, rng.gamma(2.0, 5.0, N_STEPS), 0.0)
    bursts[-12:] = 0.0
    spiky = 1.0 + rng.normal(0.0, 0.01, N_STEPS)
    spiky[[60, 200, 333, 410]] = 1e6
    filling = np.minimum(40.0 + 0.25 * steps + rng.normal(0.0, 0.5, N_STEPS), 100.0)
    return {
        "constant": HardSeries(np.full(N_STEPS, 0.1), "repeated exactly", 0.1, 0.1, 0.1, 0.1),
        "intermittent": HardSeries(bursts, "mostly zero, never negative", 0.0, bursts.max(), 0.0, 1.0),
        "saturating": HardSeries(filling, "stays at its ceiling", 95.0, 101.0, 99.0, 100.5),
        "stepping": HardSeries(np.repeat([2.0, 5.0, 9.0, 2.0, 9.0, 5.0], 80), "stays on its step", 1.0, 10.0, 3.5, 6.5),
        "spiky": HardSeries(spiky, "rare spikes do not move the usual level", 0.0, 1e6, 0.9, 1.1),
        "sawtooth": HardSeries((steps % 37).astype(float), "between floor and tip", -9.0, 45.0, 0.0, 36.0),
        "resetting": HardSeries(
            7.0 * np.where(steps < 360, steps, steps - 360),
            "goes on from where it was reset to",
            0.0,
            2_600.0,
            700.0,
            1_200.0,
        ),
        "half missing": HardSeries(half_missing, "at the level of what is there", 6.0, 14.0, 9.0, 11.0),
    }
