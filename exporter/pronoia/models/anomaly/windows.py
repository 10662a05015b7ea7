"""Windows of the newest values at each step, those of a history's end included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray


def tail_of(train: NDArray[np.float64], n_steps: int) -> NDArray[np.float64]:
    """The newest n_steps rows; a shorter history is continued backwards with its first row."""
    missing = n_steps - len(train)
    if missing > 0:
        train = np.concatenate((np.repeat(train[:1], missing, axis=0), train))
    return train[len(train) - n_steps :].copy()


def moved(tail: NDArray[np.float64], test: NDArray[np.float64]) -> NDArray[np.float64]:
    """The tail, as long as it was, at the end of `test`."""
    return np.concatenate((tail, test))[len(test) :].copy()


def trailing(tail: NDArray[np.float64], test: NDArray[np.float64]) -> NDArray[np.float64]:
    """A view (n_steps, n_metrics, len(tail) + 1): each step of `test` last in its window."""
    view: NDArray[np.float64] = sliding_window_view(np.concatenate((tail, test)), len(tail) + 1, axis=0)
    return view
