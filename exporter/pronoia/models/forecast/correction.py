"""Error correction: what the newest error says about the errors to come.

A curve is fitted once an hour, a sample comes every few seconds. With e the newest error (observed less curve), the
forecast k steps on is `curve + persistence_k * e`. For errors that follow an AR(1) process persistence_k is phi**k; it
is estimated at the knots without that assumption, as a number in 0-1 that does not grow with k.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.knots import knot_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CANDIDATES = np.linspace(0.0, 1.0, 11)
_MAX_NOWS = 4


def choose_nows(refit_steps: int) -> NDArray[np.int64]:
    """Steps since the fit at which the forecast is looked at: just fitted, about to be refitted, and between."""
    return np.unique(np.linspace(0, refit_steps, _MAX_NOWS).astype(np.int64))


def fit_persistence(
    paths: NDArray[np.float64], knots: NDArray[np.int64], nows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Persistence of the error at each knot: least mean absolute error over all origins and nows.

    Args:
        paths: float64 (n_origins, n_steps + 1) from `residual_paths`.
        knots: int64 (n_knots,), horizons in steps.
        nows: int64 (n_nows,), from `choose_nows`.

    Returns:
        float64 (n_knots,) in 0-1, not increasing.
    """
    newest = np.nan_to_num(paths[:, nows])
    at_knots = paths[:, nows[:, None] + knots[None, :]]
    known = np.isfinite(at_knots)
    errors = np.where(known, at_knots, 0.0)
    left_over = np.abs(errors - _CANDIDATES[:, None, None, None] * newest[:, :, None]) * known
    loss = left_over.sum(axis=(1, 2))
    # Neighbouring knots tell the same story with other noise.
    loss = loss / np.maximum(loss[0], 1e-12)
    padded = np.pad(loss, ((0, 0), (1, 1)), mode="edge")
    smooth = padded[:, :-2] + 2.0 * padded[:, 1:-1] + padded[:, 2:]
    persistence: NDArray[np.float64] = np.minimum.accumulate(_CANDIDATES[np.argmin(smooth, axis=0)])
    return persistence


def corrected_errors(
    paths: NDArray[np.float64],
    persistence: NDArray[np.float64],
    knots: NDArray[np.int64],
    nows: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Errors that remain after the correction, float64 (n_origins, n_nows, horizon); NaN where there is no truth."""
    horizon = int(knots[-1])
    every = persistence @ knot_weights(knots, horizon)
    ahead = paths[:, nows[:, None] + np.arange(1, horizon + 1)]
    remaining: NDArray[np.float64] = ahead - every * np.nan_to_num(paths[:, nows])[:, :, None]
    return remaining
