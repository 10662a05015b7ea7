"""Panel: many prepared series of unequal length on one grid, with the sums from which every window mean is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Winsorising looks at so many of the newest values, and at the medians of so few for the current level.
_CLIP_WINDOW = 16_000
_LEVEL_WINDOWS = (5, 30)
_CLIP_SHARES = (0.002, 0.998)


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Series ready for members, all ending at the same instant, "now", which is index `n_steps`.

    Args:
        values: float64 (n_series, n_steps), finite: gaps filled with the value before, rare spikes clipped, shifted by
            the series' centre; zero before the first sample.
        truth: float64 (n_series, n_steps), shifted alike, neither filled nor clipped: NaN where there is no sample.
        first: int64 (n_series,), index of each series' first sample; `n_steps` for a series without any.
        sums: float64 (n_series, n_steps + 1), `sums[i, b] - sums[i, a]` is the sum of values a .. b - 1.
        step_sums: float64 (n_series, n_steps + 1), the same for the absolute differences of neighbours.
        low: float64 (n_series,), the 0.2 % quantile of the newest 16 000 values.
        high: float64 (n_series,), their 99.8 % quantile.
        centre: float64 (n_series,), what was subtracted, source unit.
        step_seconds: distance of two values.
    """

    values: NDArray[np.float64]
    truth: NDArray[np.float64]
    first: NDArray[np.int64]
    sums: NDArray[np.float64]
    step_sums: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    centre: NDArray[np.float64]
    step_seconds: float

    @property
    def n_series(self) -> int:
        """Number of series."""
        return len(self.values)

    @property
    def n_steps(self) -> int:
        """Length of the grid, and the index of "now"."""
        return int(self.values.shape[1])

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Steps from each series' first sample to now, int64 (n_series,)."""
        lengths: NDArray[np.int64] = self.n_steps - self.first
        return lengths


def make_panel(values: NDArray[np.float64], step_seconds: float) -> Panel:
    """Fill gaps, clip spikes and sum up.

    Args:
        values: float64 (n_series, n_steps), source unit, the newest last; NaN (or infinite) where there is no sample.
        step_seconds: distance of two values.
    """
    truth = np.where(np.isfinite(values), values, np.nan)
    first = _first_known(truth)
    centre, low, high = np.zeros(len(truth)), np.zeros(len(truth)), np.zeros(len(truth))
    filled = np.zeros_like(truth)
    for row, start in enumerate(first):
        if start == truth.shape[1]:
            continue
        centre[row] = np.nanmedian(truth[row, start:])
        truth[row] -= centre[row]
        _fill(truth[row], start, filled[row])
        low[row], high[row] = _winsorise(filled[row, start:])
    sums = np.zeros((truth.shape[0], truth.shape[1] + 1))
    step_sums = np.zeros_like(sums)
    _sum_up(filled, first, sums, step_sums)
    return Panel(filled, truth, first, sums, step_sums, low, high, centre, step_seconds)


def _first_known(truth: NDArray[np.float64]) -> NDArray[np.int64]:
    known = np.isfinite(truth)
    first: NDArray[np.int64] = np.where(known.any(axis=1), known.argmax(axis=1), truth.shape[1]).astype(np.int64)
    return first


def _winsorise(values: NDArray[np.float64]) -> tuple[float, float]:
    """Clip in place to one range beyond the inner 99.6 % of the values, or around the current level if that is out.

    Returns:
        the ends of the inner 99.6 %.
    """
    newest = values[-_CLIP_WINDOW:]
    n_cut = int(_CLIP_SHARES[0] * (len(newest) - 1))
    ordered = np.partition(newest, (n_cut, len(newest) - 1 - n_cut))
    low, high = float(ordered[n_cut]), float(ordered[len(newest) - 1 - n_cut])
    levels = [float(np.median(values[-window:])) for window in _LEVEL_WINDOWS]
    reach = high - low
    np.clip(values, min(low, *levels) - reach, max(high, *levels) + reach, out=values)
    return low, high


@compiled
def _fill(truth: NDArray[np.float64], start: int, filled: NDArray[np.float64]) -> None:
    value = truth[start]
    for i in range(start, len(truth)):
        if not np.isnan(truth[i]):
            value = truth[i]
        filled[i] = value


@compiled
def _sum_up(
    values: NDArray[np.float64], first: NDArray[np.int64], sums: NDArray[np.float64], step_sums: NDArray[np.float64]
) -> None:
    for row in range(len(values)):
        total, total_steps = 0.0, 0.0
        for i in range(first[row], values.shape[1]):
            total += values[row, i]
            if i > first[row]:
                total_steps += abs(values[row, i] - values[row, i - 1])
            sums[row, i + 1] = total
            step_sums[row, i + 1] = total_steps
