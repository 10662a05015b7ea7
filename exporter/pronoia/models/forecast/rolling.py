"""Rolling-origin backtest of one member inside one series' history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.contract import FittedPointForecaster, PointForecaster

_MAX_ORIGINS = 24


def choose_origins(n_values: int) -> NDArray[np.int64]:
    """Index of the last value seen at each origin: evenly over the second half of the history, oldest first.

    The newest origins have less future than a horizon to be judged by; they judge the shorter horizons.

    >>> choose_origins(10).tolist()
    [4, 5, 6, 7, 8]
    """
    first, last = n_values // 2 - 1, n_values - 2
    n_origins = min(_MAX_ORIGINS, last - first + 1)
    return np.unique(np.linspace(first, last, n_origins).astype(np.int64))


def finite_curve(fitted: FittedPointForecaster, n_steps: int) -> NDArray[np.float64]:
    """A member's curve, float64 (n_steps + 1,).

    Raises:
        ModelError: if the member fails, or the curve is not finite.
    """
    curve = fitted.predict(n_steps)
    if not np.isfinite(curve).all():
        raise ModelError(type(fitted).__name__, "the forecast is not finite")
    return curve


def residual_paths(
    member: PointForecaster,
    values: NDArray[np.float64],
    truth: NDArray[np.float64],
    *,
    seasons: tuple[int, ...],
    origins: NDArray[np.int64],
    n_steps: int,
) -> tuple[NDArray[np.float64], FittedPointForecaster]:
    """Truth less curve, from each origin on.

    The member is fitted at the first origin and moved forward to the others, so that no curve knows its future.

    Args:
        member: what is judged.
        values: float64 (n_values,), filled: what it sees.
        truth: float64 (n_values,), NaN where there was no sample: what it is judged by.
        seasons: season lengths in steps.
        origins: int64 (n_origins,), from `choose_origins`.
        n_steps: length of the curves.

    Returns:
        float64 (n_origins, n_steps + 1), NaN beyond the end and in gaps; element 0 is the error at the origin itself.
        And the fitted member, which can be moved to other instants.

    Raises:
        ModelError: if the member fails, or a curve is not finite.
    """
    paths = np.full((len(origins), n_steps + 1), np.nan)
    fitted = member.fit(values[: origins[0] + 1], seasons)
    for row, origin in enumerate(origins):
        if row:
            fitted = fitted.forward(values[: origin + 1])
        curve = finite_curve(fitted, n_steps)
        future = truth[origin : origin + n_steps + 1]
        paths[row, : len(future)] = future - curve[: len(future)]
    return paths, fitted
