"""Systems of a recording with labelled steps, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class LabelledSystem:
    """One system.

    Args:
        name: values of its labels.
        metrics: names of the n_metrics metrics.
        step_seconds: distance of two steps.
        train: float64 (n_train, n_metrics), NaN where nothing is known.
        test: float64 (n_test, n_metrics), what follows.
        label: bool (n_test,), which steps of the test are anomalous.
    """

    name: str
    metrics: tuple[str, ...]
    step_seconds: float
    train: NDArray[np.float64]
    test: NDArray[np.float64]
    label: NDArray[np.bool_]


def split_system(
    name: str,
    metrics: tuple[str, ...],
    *,
    timestamps_ms: NDArray[np.int64],
    values: NDArray[np.float64],
    label: NDArray[np.bool_],
    is_test: NDArray[np.bool_],
) -> LabelledSystem:
    """Put samples on an even grid (steps without one are NaN, and normal) and split them where the test begins."""
    order = np.argsort(timestamps_ms, kind="stable")
    instants = timestamps_ms[order]
    step_ms = max(int(np.median(np.diff(instants))), 1)
    at = np.round((instants - instants[0]) / step_ms).astype(np.int64)
    grid = np.full((int(at[-1]) + 1, len(metrics)), np.nan)
    grid[at] = values[order]
    marks = np.zeros((len(grid), 2), np.bool_)
    marks[at, 0], marks[at, 1] = label[order], is_test[order]
    first = int(np.argmax(marks[:, 1])) if marks[:, 1].any() else len(grid)
    return LabelledSystem(name, metrics, step_ms / 1_000.0, grid[:first], grid[first:], marks[first:, 0])
