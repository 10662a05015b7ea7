"""Sums that carry along what rounding loses."""

from __future__ import annotations

import math

from pronoia.compiled import compiled


@compiled
def add(term: float, total: float, compensation: float) -> tuple[float, float]:
    """One step of Neumaier's summation; what `total + compensation` gives at the end is the sum.

    Infinite totals drop the compensation, which would otherwise turn them into NaN.

    References:
        A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54 (1974).

    >>> add(1e100, 1.0, 0.0)
    (1e+100, 1.0)
    """
    increased = total + term
    if math.isinf(increased):
        return increased, 0.0
    if abs(total) >= abs(term):
        return increased, compensation + ((total - increased) + term)
    return increased, compensation + ((term - increased) + total)
