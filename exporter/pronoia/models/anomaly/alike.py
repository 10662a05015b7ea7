"""Metrics that say the same, such as three quantiles of one latency: one cause, whichever of them is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Correlation from which one metric tells nine tenths of another's variance.
_ALIKE = 0.95


def groups_of(train: NDArray[np.float64]) -> NDArray[np.int64]:
    """The group of each metric, int64 (n_metrics,): the index of its first member.

    Two metrics are in one group if their correlation in the history, of either sign, is at least 0.95, or a chain of
    such pairs leads from one to the other.

    Args:
        train: float64 (n_steps, n_metrics), standardised, finite; each metric moves.

    >>> load = np.random.default_rng(0).normal(size=500)
    >>> groups_of(np.column_stack([load, np.roll(load, 7), -load])).tolist()
    [0, 1, 0]
    """
    alike = np.abs(train.T @ train) / len(train) >= _ALIKE
    np.fill_diagonal(alike, val=True)
    groups = np.arange(train.shape[1])
    while True:
        first: NDArray[np.int64] = np.where(alike, groups, len(groups)).min(axis=1)
        if (first == groups).all():
            return first
        groups = first
