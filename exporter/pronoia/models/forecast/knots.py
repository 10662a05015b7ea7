"""Knots: the few horizons at which correction and intervals are learnt; between them, linear in the log of the horizon.

Errors grow with the logarithm of the horizon rather than with the horizon, so that few knots suffice.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LADDER = (1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 135, 200, 300, 450, 675, 1000, 1500, 2250, 3375, 5000)


def make_knots(horizon_steps: int) -> NDArray[np.int64]:
    """Horizons in steps, increasing by about a half each; the first is 1, the last the horizon.

    >>> make_knots(20).tolist()
    [1, 2, 3, 5, 8, 12, 20]
    """
    inner = [k for k in _LADDER if k * 1.2 < horizon_steps]
    return np.array([*inner, horizon_steps], dtype=np.int64)


def knot_weights(knots: NDArray[np.int64], n_steps: int) -> NDArray[np.float64]:
    """Matrix that spreads values at the knots over all horizons.

    Returns:
        float64 (n_knots, n_steps): `at_knots @ weights` are the values at horizons 1 .. n_steps, linear in log k and
        held beyond the last knot.
    """
    position = np.interp(np.log(np.arange(1, n_steps + 1)), np.log(knots), np.arange(len(knots)))
    left = np.minimum(position.astype(np.int64), max(len(knots) - 2, 0))
    share = position - left
    weights = np.zeros((len(knots), n_steps))
    steps = np.arange(n_steps)
    weights[left, steps] = 1.0 - share
    weights[np.minimum(left + 1, len(knots) - 1), steps] += share
    return weights


def knot_spans(knots: NDArray[np.int64]) -> list[slice]:
    """Which horizons speak for each knot: those nearer to it, in log k, than to its neighbours.

    Returns:
        n_knots slices into an array whose first element is horizon 1.

    >>> knot_spans(np.array([1, 5, 12]))
    [slice(0, 2, None), slice(2, 7, None), slice(7, 12, None)]
    """
    middles = np.floor(np.sqrt(knots[:-1] * knots[1:])).astype(np.int64)
    edges = [0, *middles.tolist(), int(knots[-1])]
    return [slice(start, max(end, start + 1)) for start, end in pairwise(edges)]
