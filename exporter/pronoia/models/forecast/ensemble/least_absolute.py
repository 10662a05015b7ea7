"""Many small ridge regressions with absolute error, solved at once by iteratively reweighted least squares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ITERATIONS = 4
# Residuals smaller than this, in units of the target's scale, count as squared ones.
_SMALLEST = 0.05


def fit_least_absolute(
    design: NDArray[np.float64], target: NDArray[np.float64], weights: NDArray[np.float64], ridge: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Coefficients that minimise the weighted absolute error plus a ridge penalty.

    Args:
        design: float64 (n_problems, n_rows, n_columns), of order one.
        target: float64 (n_problems, n_rows), of order one.
        weights: float64 (n_problems, n_rows), not negative.
        ridge: float64 (n_problems,), positive: the penalty of a squared coefficient against weights of sum one.

    Returns:
        float64 (n_problems, n_columns); zero where a problem has no weight.

    References:
        Schlossmacher, An iterative technique for absolute deviations curve fitting, JASA 68(344), 1973.
    """
    penalty = ridge[:, None, None] * np.eye(design.shape[2])
    now = weights
    transposed = design.transpose(0, 2, 1)
    coefficients = np.zeros((design.shape[0], design.shape[2]))
    for iteration in range(_ITERATIONS + 1):
        if iteration:
            residuals = target - np.matmul(design, coefficients[:, :, None])[:, :, 0]
            now = weights / np.maximum(np.abs(residuals), _SMALLEST)
        now = now / np.maximum(now.sum(axis=1, keepdims=True), 1e-300)
        weighted = np.ascontiguousarray(now[:, None, :] * transposed)
        gram = np.matmul(weighted, design) + penalty
        moment = np.matmul(weighted, target[:, :, None])
        coefficients = np.linalg.solve(gram, moment)[:, :, 0]
    return coefficients
