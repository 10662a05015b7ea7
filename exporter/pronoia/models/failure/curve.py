"""Lines and saturating curves through equally spaced values, by least squares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Saturating curves are tried that bend by so much over the values; in between, the fit hardly differs.
_BENDS = (0.7, 1.5, 3.0, 6.0)
_LEAST_SQUARES = 1e-9


@compiled
def line(values: NDArray[np.float64], first: int, end: int) -> tuple[float, float]:
    """Slope per slot and residual standard deviation of `values[first:end]`; 0 and 0 of fewer than two.

    >>> line(np.array([0.0, 2.0, 4.0]), 0, 3)
    (2.0, 0.0)
    """
    n = end - first
    sum_x, sum_y, sum_xx, sum_xy, sum_yy = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        y = values[first + i]
        sum_x += i
        sum_y += y
        sum_xx += i * i
        sum_xy += i * y
        sum_yy += y * y
    if n < 2:
        return 0.0, 0.0
    slope = (sum_xy - sum_x * sum_y / n) / (sum_xx - sum_x * sum_x / n)
    squares = sum_yy - sum_y * sum_y / n - slope * (sum_xy - sum_x * sum_y / n)
    return slope, np.sqrt(max(squares, 0.0) / max(n - 2, 1))


@compiled
def saturating(values: NDArray[np.float64], first: int, end: int) -> tuple[float, float]:
    """Does it level off: by how much `c - a exp(-b x)` fits better than a line, and where it ends.

    Returns:
        logarithm of the line's squared residuals over the curve's, for each value (positive: it levels off), and the
        curve's asymptote `c`.
    """
    n = end - first
    _, deviation = line(values, first, end)
    of_line = deviation * deviation * max(n - 2, 1)
    best, asymptote = np.inf, values[end - 1]
    for bend in _BENDS:
        sum_z, sum_zz, sum_zy, sum_y, sum_yy = 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(n):
            z = 1.0 - np.exp(-bend * i / n)
            y = values[first + i]
            sum_z += z
            sum_zz += z * z
            sum_zy += z * y
            sum_y += y
            sum_yy += y * y
        height = (sum_zy - sum_z * sum_y / n) / (sum_zz - sum_z * sum_z / n)
        squares = sum_yy - sum_y * sum_y / n - height * (sum_zy - sum_z * sum_y / n)
        if squares < best:
            best = squares
            asymptote = (sum_y - height * sum_z) / n + height
    return np.log(max(of_line, _LEAST_SQUARES)) - np.log(max(best, _LEAST_SQUARES)), asymptote
