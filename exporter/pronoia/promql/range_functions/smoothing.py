"""`double_exponential_smoothing`, called `holt_winters` before Prometheus 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.errors import EvaluationError
from pronoia.promql.range_functions.filled import filled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.range_functions.filled import WindowValues
    from pronoia.promql.windows import Windows


def double_exponential_smoothing(
    windows: Windows, smoothing_factor: NDArray[np.float64], trend_factor: NDArray[np.float64]
) -> WindowValues:
    """Level at a window's end after Holt's smoothing; windows of fewer than two samples give nothing.

    Args:
        windows: samples of gauges.
        smoothing_factor: float64 (n_steps,), in (0, 1); the lower, the more old samples count.
        trend_factor: float64 (n_steps,), in (0, 1); the higher, the more the newest trend counts.

    Raises:
        EvaluationError: if a factor is out of range at an instant at which some window has a sample.

    References:
        C. C. Holt, "Forecasting seasonals and trends by exponentially weighted moving averages" (1957).
    """
    asked = filled(windows).present.any(axis=0)
    for name, symbol, factor in (("smoothing", "sf", smoothing_factor), ("trend", "tf", trend_factor)):
        wrong = factor[asked & ((factor <= 0) | (factor >= 1))]
        if len(wrong):
            raise EvaluationError(f"invalid {name} factor: expected 0 < {symbol} < 1, got {wrong[0]:g}")
    two = filled(windows, at_least=2)
    return two.spread(
        _smooth(windows.values, two.first, two.last, two.at_each(smoothing_factor), two.at_each(trend_factor))
    )


@compiled
def _smooth(
    values: NDArray[np.float64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    smoothing_factors: NDArray[np.float64],
    trend_factors: NDArray[np.float64],
) -> NDArray[np.float64]:
    levels = np.empty(len(first))
    for w in range(len(first)):
        smoothing, trending = smoothing_factors[w], trend_factors[w]
        before, level = 0.0, values[first[w]]
        trend = values[first[w] + 1] - values[first[w]]
        for s in range(first[w] + 1, last[w]):
            if s > first[w] + 1:
                trend = trending * (level - before) + (1 - trending) * trend
            before, level = level, smoothing * values[s] + (1 - smoothing) * (level + trend)
        levels[w] = level
    return levels
