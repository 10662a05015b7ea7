"""VUS-PR: area under the precision-recall curve, averaged over tolerances around the labelled spans.

Definition: Paparrizos et al., "Volume Under the Surface" (VLDB 2022), as TSB-AD computes it (`generate_curve`): equal
to it in floating point, some hundred times faster, because predictions are counted once per threshold and not per
threshold, tolerance and sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Widest tolerance in steps, and how many thresholds: those of TSB-AD's leaderboards.
SLIDING_WINDOW = 100
N_THRESHOLDS = 250


def vus_pr(
    label: NDArray[np.bool_],
    score: NDArray[np.float64],
    sliding_window: int = SLIDING_WINDOW,
    n_thresholds: int = N_THRESHOLDS,
) -> float:
    """Volume under the precision-recall surface, in 0-1; a random score reaches about the share of anomalous steps.

    Some 0.1 s for 30 000 steps. Says nothing about where a line would lie: look at alarms beside it.

    >>> label = np.zeros(500, bool)
    >>> label[200:240] = True
    >>> vus_pr(label, label.astype(float)) > 0.85 > 0.2 > vus_pr(label, np.arange(500.0))
    True

    Args:
        label: bool (n_steps,), anomalous or not.
        score: float64 (n_steps,), finite, greater where more anomalous.
        sliding_window: widest tolerance; half of it lies on either side of a labelled span.
        n_thresholds: how many ranks of the score are thresholds.

    Raises:
        ValueError: if shapes disagree, a score is not finite, or the labels are all alike.
    """
    if label.shape != score.shape or label.ndim != 1:
        raise ValueError(f"labels of shape {label.shape} for scores of shape {score.shape}; (n_steps,) is needed")
    if not np.isfinite(score).all():
        raise ValueError("a score is not finite")
    if label.all() or not label.any():
        raise ValueError("all labels are alike; both anomalous and normal steps are needed")
    n_steps = len(score)
    descending = -np.sort(-score)
    thresholds = descending[np.linspace(0, n_steps - 1, n_thresholds).astype(int)]
    # The first threshold that a step's score reaches: everything else is counting by it.
    rank = np.searchsorted(-thresholds, -score, side="left")
    n_predicted = _counted(rank, np.ones(n_steps), n_thresholds)
    n_found = _counted(rank, label.astype(np.float64), n_thresholds)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], label.astype(np.int8), [0]))))
    first, last = edges[::2], edges[1::2] - 1
    areas = np.empty(sliding_window + 1)
    for window in range(sliding_window + 1):
        at, credit = _around(label, first, last, window)
        extra = _counted(rank[at], credit, n_thresholds)
        true = n_found + extra
        recall = np.minimum(true / (n_found[-1] + extra / 2.0), 1.0) * _existence(
            rank, first, last, window, n_thresholds
        )
        areas[window] = np.diff(recall, prepend=0.0) @ (true / n_predicted)
    return float(areas.mean())


def _counted(rank: NDArray[np.intp], weights: NDArray[np.float64], n_thresholds: int) -> NDArray[np.float64]:
    """Sum of the weights of all steps that are predicted at each threshold."""
    return np.cumsum(np.bincount(rank, weights=weights, minlength=n_thresholds)[:n_thresholds])


def _around(
    label: NDArray[np.bool_], first: NDArray[np.intp], last: NDArray[np.intp], window: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Unlabelled steps near a labelled span, and how much of one each of them counts."""
    half = window // 2
    if not half:
        return np.empty(0, np.intp), np.empty(0)
    distance = np.arange(1, half + 1)
    credit = np.sqrt(1.0 - distance / window)
    at = np.concatenate([(last[:, None] + distance).ravel(), (first[:, None] - distance).ravel()])
    inside = (at >= 0) & (at < len(label))
    summed = np.bincount(at[inside], weights=np.tile(credit, 2 * len(first))[inside], minlength=len(label))
    summed[label] = 0.0
    near = np.flatnonzero(summed)
    return near, np.minimum(summed[near], 1.0)


def _existence(
    rank: NDArray[np.intp], first: NDArray[np.intp], last: NDArray[np.intp], window: int, n_thresholds: int
) -> NDArray[np.float64]:
    """Share of the widened spans, merged where they touch, in which anything is predicted."""
    half = window // 2
    parted = last[:-1] + half < first[1:] - half
    starts = np.maximum(first[np.concatenate(([True], parted))] - half, 0)
    ends = np.minimum(last[np.concatenate((parted, [True]))] + half, len(rank) - 1)
    lowest = np.array([rank[start : end + 1].min() for start, end in zip(starts, ends, strict=True)])
    return _counted(lowest, np.ones(len(lowest)), n_thresholds) / len(lowest)
