"""What the prior's network sees of a series' past.

Every number is relative to where the series is (`centre`) and how much it moves (`scale`), through asinh, which is
linear for what is usual and logarithmic for what is not. So one network serves all units and magnitudes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

N_SINGLE = 48
#: (block length, how many blocks): means that reach back 6,144 steps.
MEANS = ((4, 32), (16, 32), (64, 32), (256, 24))
#: (block length, how many blocks): spread inside blocks.
SPREADS = ((4, 32), (16, 16), (64, 16))
QUANTILE_WINDOWS = (48, 288, 1440)
QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
_CENTRE_WINDOW, _SCALE_WINDOW, _LONG_SCALE_WINDOW, _LONG_CENTRE_WINDOW, _ZERO_WINDOW = 256, 1024, 8192, 2048, 128
N_HISTORY = (
    N_SINGLE + sum(n for _, n in MEANS) + sum(n for _, n in SPREADS) + len(QUANTILE_WINDOWS) * len(QUANTILES) + 4
)


@dataclass(frozen=True, slots=True, eq=False)
class HistoryInputs:
    """Inputs at n_anchors moments of one series.

    Args:
        centre: float64 (n_anchors,), mean of the last 256 steps, source unit.
        scale: float64 (n_anchors,), standard deviation of the last 1,024 steps (8,192 where that is zero), source
            unit; zero where the series has not moved.
        inputs: float32 (n_anchors, 257).
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    inputs: NDArray[np.float32]


class PrefixSums:
    """Means and standard deviations of any window of one series, in constant time.

    Args:
        values: float64 (n_values,), finite.
    """

    def __init__(self, values: NDArray[np.float64]) -> None:
        self.values = values
        # Around the mean, or squares would drown what varies.
        self._offset = float(values.mean()) if len(values) else 0.0
        shifted = values - self._offset
        self._sums = np.concatenate([[0.0], np.cumsum(shifted)])
        self._squares = np.concatenate([[0.0], np.cumsum(shifted * shifted)])

    def mean(self, first: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
        """Mean of `values[first:end]`, cut to the series; NaN where nothing is left. Any shape."""
        first, end, count = self._cut(first, end)
        with np.errstate(invalid="ignore"):
            mean: NDArray[np.float64] = (self._sums[end] - self._sums[first]) / count + self._offset
        return mean

    def deviation(self, first: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
        """Standard deviation of `values[first:end]`, cut to the series; NaN where nothing is left. Any shape."""
        first, end, count = self._cut(first, end)
        with np.errstate(invalid="ignore"):
            mean = (self._sums[end] - self._sums[first]) / count
            variance = (self._squares[end] - self._squares[first]) / count - mean * mean
        floor = 1e-12 * np.maximum(mean * mean, self._squares[-1] / max(len(self.values), 1))
        return np.sqrt(np.where(variance > floor, variance, np.where(np.isnan(variance), np.nan, 0.0)))

    def _cut(
        self, first: NDArray[np.int64], end: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        first, end = np.clip(first, 0, len(self.values)), np.clip(end, 0, len(self.values))
        count = (end - first).astype(np.float64)
        count[count <= 0] = np.nan
        return first, np.maximum(end, first), count


def centre_and_scale(sums: PrefixSums, anchors: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where a series is at some moments, and how much it moves; both float64 (n_anchors,)."""
    centre = sums.mean(anchors - _CENTRE_WINDOW, anchors)
    scale = sums.deviation(anchors - _SCALE_WINDOW, anchors)
    return centre, np.where(scale > 0.0, scale, sums.deviation(anchors - _LONG_SCALE_WINDOW, anchors))


def history_inputs(sums: PrefixSums, anchors: NDArray[np.int64]) -> HistoryInputs:
    """The network's inputs at some moments of a series.

    Args:
        sums: of the whole series.
        anchors: int64 (n_anchors,), how many values are past at each moment, at least 1.
    """
    values = sums.values
    centre, scale = centre_and_scale(sums, anchors)
    unit = np.where(scale > 0.0, scale, 1.0)

    def relative(raw: NDArray[np.float64]) -> NDArray[np.float64]:
        # Before the series began there is nothing: as if it had always been where it is.
        return np.nan_to_num(np.arcsinh((raw - centre[:, None]) / unit[:, None]))

    singles = anchors[:, None] - 1 - np.arange(N_SINGLE)
    columns = [relative(np.where(singles >= 0, values[np.maximum(singles, 0)], np.nan))]
    for length, count in MEANS:
        ends = anchors[:, None] - length * np.arange(count)
        columns.append(relative(sums.mean(ends - length, ends)))
    for length, count in SPREADS:
        ends = anchors[:, None] - length * np.arange(count)
        columns.append(np.nan_to_num(np.arcsinh(sums.deviation(ends - length, ends) / unit[:, None])))
    for window in QUANTILE_WINDOWS:
        columns.append(relative(_quantiles(values, anchors, window)))
    columns.append(relative(sums.mean(anchors - _LONG_CENTRE_WINDOW, anchors)[:, None]))
    columns.append(relative(values[anchors - 1][:, None]))
    columns.append(_share_unmoved(values, anchors)[:, None])
    columns.append(np.log(anchors)[:, None] / 10.0)
    return HistoryInputs(centre, scale, np.concatenate(columns, axis=1).astype(np.float32))


def _quantiles(values: NDArray[np.float64], anchors: NDArray[np.int64], window: int) -> NDArray[np.float64]:
    """Quantiles of the last `window` values at each anchor, float64 (n_anchors, 7); of what there is, if less."""
    # Every 5th value of a day of minutes says as much as all of them.
    stride = max(1, window // 288)
    indices = anchors[:, None] - 1 - stride * np.arange(window // stride)
    taken = np.sort(np.where(indices >= 0, values[np.maximum(indices, 0)], np.inf), axis=1)
    last = np.minimum((anchors + stride - 1) // stride, window // stride)[:, None] - 1
    positions = np.rint(np.array(QUANTILES)[None, :] * last).astype(np.int64)
    return np.take_along_axis(taken, positions, axis=1)


def _share_unmoved(values: NDArray[np.float64], anchors: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of the last 128 steps on which the series did not move, float64 (n_anchors,)."""
    unmoved = np.concatenate([[0.0, 0.0], np.cumsum(values[1:] == values[:-1])])
    first = np.maximum(anchors - _ZERO_WINDOW, 1)
    share: NDArray[np.float64] = (unmoved[anchors] - unmoved[first]) / np.maximum(anchors - first, 1)
    return share
