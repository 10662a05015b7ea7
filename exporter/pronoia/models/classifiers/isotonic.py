"""Isotonic calibration: the rising curve of log-odds to probabilities that fits later data best.

References:
    Zadrozny, Elkan, Transforming classifier scores into accurate multiclass probability estimates, KDD 2002.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Blocks with fewer rows would say 0 or 1 of what was seen a handful of times.
_LEAST_ROWS = 50


@dataclass(frozen=True, slots=True, eq=False)
class IsotonicScaling:
    """Probability by straight lines between blocks, which keeps the order of the rows within one.

    Args:
        log_odds: float64 (n_blocks,), mean of each block, rising.
        probabilities: float64 (n_blocks,), share that happened, rising, between 0 and 1.
    """

    log_odds: NDArray[np.float64]
    probabilities: NDArray[np.float64]

    def probability(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probabilities, of the shape of the log-odds."""
        return np.interp(log_odds, self.log_odds, self.probabilities)


def fit_isotonic(log_odds: NDArray[np.float64], happened: NDArray[np.bool_]) -> IsotonicScaling:
    """Pool adjacent violators over blocks of at least fifty rows; never quite 0 or 1.

    Args:
        log_odds: float64 (n_rows,).
        happened: bool (n_rows,).

    Raises:
        ModelError: if nothing happened, or always.
    """
    from scipy.optimize import isotonic_regression

    if not happened.any() or happened.all():
        raise ModelError("isotonic", f"one outcome only in {len(happened)} calibration rows")
    order = np.argsort(log_odds, kind="stable")
    firsts = np.arange(0, len(order), _LEAST_ROWS)
    rows = np.diff(np.append(firsts, len(order))).astype(np.float64)
    hits = np.add.reduceat(happened[order].astype(np.float64), firsts)
    found = isotonic_regression(hits / rows, weights=rows)
    blocks = found.blocks[:-1]
    n_rows, n_hits = np.add.reduceat(rows, blocks), np.add.reduceat(hits, blocks)
    centres = np.add.reduceat(np.add.reduceat(log_odds[order], firsts), blocks) / n_rows
    half_a_row = 0.5 / len(order)
    return IsotonicScaling(centres, np.clip(n_hits / n_rows, half_a_row, 1.0 - half_a_row))
