"""How restless a series is now, against how restless it usually is: what residual quantiles are scaled with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel

_WINDOW = 150
# The usual restlessness has this share in the current one, so that none is ever quite still.
_USUAL_SHARE = 0.2
# Residuals grow with this power of the restlessness: between not at all (0) and in proportion (1).
_POWER = 0.75


def mean_steps(panel: Panel, ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean absolute difference of neighbours before each end, float64 (n_series,)."""
    rows = np.arange(panel.n_series)
    mean: NDArray[np.float64] = panel.step_sums[rows, ends] / np.maximum(ends - panel.first - 1, 1)
    return mean


def restlessness(panel: Panel, origins: NDArray[np.int64], usual: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean absolute difference of the last 150 neighbours before each origin, plus a share of the usual one.

    Args:
        panel: the series.
        origins: int64 (n_series, n_origins).
        usual: float64 (n_series,), from `mean_steps`.

    Returns:
        float64 (n_series, n_origins), the panel's unit per step; zero only for a series that never moved.
    """
    begin = np.maximum(origins - _WINDOW, np.minimum(panel.first[:, None] + 1, origins))
    until = np.take_along_axis(panel.step_sums, origins, axis=1)
    recent = (until - np.take_along_axis(panel.step_sums, begin, axis=1)) / np.maximum(origins - begin, 1)
    combined: NDArray[np.float64] = recent + _USUAL_SHARE * usual[:, None]
    return combined


def residual_scale(restless: NDArray[np.float64], typical: NDArray[np.float64]) -> NDArray[np.float64]:
    """How large residuals are to be expected, from the restlessness at an instant and the typical one.

    Args:
        restless: float64 (n_series, n_origins), from `restlessness`.
        typical: float64 (n_series,), its mean where residuals were taken.

    Returns:
        float64 (n_series, n_origins), the panel's unit.
    """
    scale: NDArray[np.float64] = restless**_POWER * typical[:, None] ** (1.0 - _POWER)
    return scale
