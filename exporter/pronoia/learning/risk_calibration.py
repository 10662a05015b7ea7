"""Platt scaling learnt online: outcomes counted by what was said, slowly forgotten, and a line through their log-odds.

References:
    Platt, Probabilistic outputs for support vector machines, 1999.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EDGES = np.linspace(-9.0, 9.0, 37)
_CENTRES = np.concatenate([[_EDGES[0] - 0.25], (_EDGES[1:] + _EDGES[:-1]) / 2.0, [_EDGES[-1] + 0.25]])
#: Fewer positives say too little: what the classifiers say stays as it is.
LEAST_POSITIVES = 200.0
# Pulls towards leaving all as it is, as so many rows would.
_RIDGE = 20.0
_LEAST_SLOPE, _MOST_SLOPE = 0.3, 3.0
_MOST_STEPS = 50
_CLIP = 1e-6


class OnlineScaling:
    """Slope and offset of the log-odds for each of several classifiers, from their matured hazards.

    Args:
        n_classifiers: how many.
    """

    def __init__(self, n_classifiers: int) -> None:
        # Rows said and rows happened, by classifier and bin.
        self.counts = np.zeros((n_classifiers, 2, len(_CENTRES)))

    def forget(self, share: float) -> None:
        """Let earlier outcomes count less: by this share of what they did."""
        self.counts *= 1.0 - share

    def add(self, classifier: int, said: NDArray[np.float64], happened: NDArray[np.bool_]) -> None:
        """Count outcomes of one classifier."""
        bins = np.searchsorted(_EDGES, log_odds_of(said))
        self.counts[classifier, 0] += np.bincount(bins, minlength=len(_CENTRES))
        self.counts[classifier, 1] += np.bincount(bins[happened], minlength=len(_CENTRES))

    def line(self, classifier: int) -> tuple[float, float]:
        """Slope and offset; (1, 0) while there are fewer than 200 positives, or next to no negatives."""
        rows, positives = self.counts[classifier]
        if positives.sum() < LEAST_POSITIVES or (rows - positives).sum() < LEAST_POSITIVES:
            return 1.0, 0.0
        theta = np.array([1.0, 0.0])
        design = np.column_stack([_CENTRES, np.ones(len(_CENTRES))])
        for _ in range(_MOST_STEPS):
            chance = 1.0 / (1.0 + np.exp(-np.clip(design @ theta, -30.0, 30.0)))
            gradient = design.T @ (rows * chance - positives) + _RIDGE * (theta - [1.0, 0.0])
            hessian = (design * (rows * chance * (1.0 - chance))[:, None]).T @ design + _RIDGE * np.eye(2)
            step = np.linalg.solve(hessian, gradient)
            theta = theta - np.clip(step, -1.0, 1.0)
            if np.abs(step).max() < 1e-9:
                break
        return float(np.clip(theta[0], _LEAST_SLOPE, _MOST_SLOPE)), float(theta[1])

    def corrected(self, classifier: int, said: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities after the correction, in the order that they were in."""
        slope, offset = self.line(classifier)
        if (slope, offset) == (1.0, 0.0):
            return said
        return np.asarray(1.0 / (1.0 + np.exp(-(slope * log_odds_of(said) + offset))), dtype=np.float64)


def log_odds_of(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds, within what can be counted.

    >>> log_odds_of(np.array([0.0, 0.5, 1.0])).round(2).tolist()
    [-13.82, 0.0, 13.82]
    """
    clipped = np.clip(probability, _CLIP, 1.0 - _CLIP)
    return np.asarray(np.log(clipped / (1.0 - clipped)), dtype=np.float64)
