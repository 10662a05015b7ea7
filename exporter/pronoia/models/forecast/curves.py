"""Curves read at an age: fits are made now and then, forecasts all the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def curves_from(
    curves: NDArray[np.float64], age_steps: NDArray[np.float64], n_steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Curves so many steps after their fits: the value then, (n_series,), and what follows, (n_series, n_steps).

    Linear between steps, held at the last value. Series may be of unequal age; of many, few ages are distinct.

    Args:
        curves: float64 (n_series, length), element k is k steps after the fit.
        age_steps: float64 (n_series,), not negative.
        n_steps: how many steps follow.
    """
    ages = np.unique(age_steps)
    if len(ages) == 1:
        return _curve_from(curves, float(ages[0]), n_steps)
    now, ahead = np.empty(len(curves)), np.empty((len(curves), n_steps))
    for age in ages.tolist():
        rows = np.flatnonzero(age_steps == age)
        now[rows], ahead[rows] = _curve_from(curves[rows], age, n_steps)
    return now, ahead


def _curve_from(
    curves: NDArray[np.float64], age_steps: float, n_steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The curve `age_steps` after the fit, (n_series,), and the `n_steps` after that, (n_series, n_steps)."""
    last = curves.shape[1] - 1
    positions = np.minimum(age_steps + np.arange(n_steps + 1), float(last))
    left = np.minimum(positions.astype(np.int64), max(last - 1, 0))
    share = positions - left
    curve = curves[:, left] * (1.0 - share) + curves[:, np.minimum(left + 1, last)] * share
    return curve[:, 0], curve[:, 1:]
