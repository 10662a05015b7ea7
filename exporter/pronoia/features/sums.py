"""Sums and maxima over the known values of a span.

Four values are taken at a time, each into a sum of its own: an addition takes longer than reading a value does. The
order depends on the number of values alone, so that the same values always give the same sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def known_sum(x: NDArray[np.float32], first: int, end: int) -> tuple[float, int]:
    """Sum and number of the known values of x[first:end]."""
    part = x[max(first, 0) : max(end, 0)]
    a, b, c, d, n = 0.0, 0.0, 0.0, 0.0, 0
    fours = len(part) // 4 * 4
    for k in range(0, fours, 4):
        p, q, r, s = part[k], part[k + 1], part[k + 2], part[k + 3]
        a += 0.0 if np.isnan(p) else np.float64(p)
        b += 0.0 if np.isnan(q) else np.float64(q)
        c += 0.0 if np.isnan(r) else np.float64(r)
        d += 0.0 if np.isnan(s) else np.float64(s)
        n += 4 - (np.isnan(p) + np.isnan(q) + np.isnan(r) + np.isnan(s))
    for k in range(fours, len(part)):
        if not np.isnan(part[k]):
            a += np.float64(part[k])
            n += 1
    return (a + b) + (c + d), n


@compiled
def known_squares(x: NDArray[np.float32], first: int, end: int) -> float:
    """Sum of the squares of the known values of x[first:end]."""
    part = x[max(first, 0) : max(end, 0)]
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    fours = len(part) // 4 * 4
    for k in range(0, fours, 4):
        p, q, r, s = part[k], part[k + 1], part[k + 2], part[k + 3]
        a += 0.0 if np.isnan(p) else np.float64(p) * np.float64(p)
        b += 0.0 if np.isnan(q) else np.float64(q) * np.float64(q)
        c += 0.0 if np.isnan(r) else np.float64(r) * np.float64(r)
        d += 0.0 if np.isnan(s) else np.float64(s) * np.float64(s)
    for k in range(fours, len(part)):
        if not np.isnan(part[k]):
            a += np.float64(part[k]) ** 2
    return (a + b) + (c + d)


@compiled
def known_max(x: NDArray[np.float32], first: int, end: int) -> float:
    """Highest known value of x[first:end]; minus infinity if there is none."""
    part = x[max(first, 0) : max(end, 0)]
    a = b = c = d = np.float32(-np.inf)
    fours = len(part) // 4 * 4
    for k in range(0, fours, 4):
        p, q, r, s = part[k], part[k + 1], part[k + 2], part[k + 3]
        a = max(a, p)
        b = max(b, q)
        c = max(c, r)
        d = max(d, s)
    for k in range(fours, len(part)):
        a = part[k] if part[k] > a else a  # noqa: FURB136 - NaN is no maximum
    return float(max(a, b, c, d))
