"""Straight lines through a window's samples: `deriv` and `predict_linear`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.compensated import add
from pronoia.promql.range_functions.filled import filled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.range_functions.filled import WindowValues
    from pronoia.promql.windows import Windows


def deriv(windows: Windows) -> WindowValues:
    """Slope per second of the least-squares line; windows of fewer than two samples give nothing."""
    two = filled(windows, at_least=2)
    # Times are counted from the first sample: squares of seconds since 1970 would leave few digits for the slope.
    origins_ms = windows.timestamps_ms[two.first]
    slope, _ = _least_squares(windows.timestamps_ms, windows.values, two.first, two.last, origins_ms)
    return two.spread(slope)


def predict_linear(windows: Windows, ahead_seconds: NDArray[np.float64]) -> WindowValues:
    """Where the least-squares line is some time after the instant of evaluation; nothing from fewer than two samples.

    Args:
        windows: samples of gauges.
        ahead_seconds: float64 (n_steps,).
    """
    two = filled(windows, at_least=2)
    origins_ms = two.at_each(windows.times_ms)
    slope, level = _least_squares(windows.timestamps_ms, windows.values, two.first, two.last, origins_ms)
    with np.errstate(invalid="ignore", over="ignore"):
        return two.spread(slope * two.at_each(ahead_seconds) + level)


@compiled
def _least_squares(
    timestamps_ms: NDArray[np.int64],
    values: NDArray[np.float64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    origins_ms: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope per second, and the line's level at each window's origin."""
    slopes, levels = np.empty(len(first)), np.empty(len(first))
    for w in range(len(first)):
        sum_x = sum_y = sum_xy = sum_xx = 0.0
        lost_x = lost_y = lost_xy = lost_xx = 0.0
        constant = True
        for s in range(first[w], last[w]):
            x, y = (timestamps_ms[s] - origins_ms[w]) / 1000, values[s]
            # Also true of a lone NaN, which is not constant: two samples or more are promised.
            constant = constant and y == values[first[w]]
            sum_x, lost_x = add(x, sum_x, lost_x)
            sum_y, lost_y = add(y, sum_y, lost_y)
            sum_xy, lost_xy = add(x * y, sum_xy, lost_xy)
            sum_xx, lost_xx = add(x * x, sum_xx, lost_xx)
        if constant:
            # Exactly, where sums would leave a rest of rounding; no line goes through infinity.
            infinite = math.isinf(values[first[w]])
            slopes[w] = math.nan if infinite else 0.0
            levels[w] = math.nan if infinite else values[first[w]]
            continue
        n = float(last[w] - first[w])
        sum_x, sum_y, sum_xy, sum_xx = sum_x + lost_x, sum_y + lost_y, sum_xy + lost_xy, sum_xx + lost_xx
        slopes[w] = (sum_xy - sum_x * sum_y / n) / (sum_xx - sum_x * sum_x / n)
        levels[w] = sum_y / n - slopes[w] * sum_x / n
    return slopes, levels
