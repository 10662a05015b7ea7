"""Windows that hold enough samples, one after the other, and the way back to the grid of series and instants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.windows import Windows

    #: Values, float64, and presence, bool, both (n_series, n_steps); values where absent have no meaning.
    WindowValues = tuple[NDArray[np.float64], NDArray[np.bool_]]

T = TypeVar("T", np.float64, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class FilledWindows:
    """The n_filled windows with enough samples, series by series, so that neither bound ever falls.

    Args:
        present: bool (n_series, n_steps), which windows they are.
        first: int64 (n_filled,), index of each window's first sample.
        last: int64 (n_filled,), one past its last sample.
    """

    present: NDArray[np.bool_]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    def at_each(self, per_instant: NDArray[T]) -> NDArray[T]:
        """What is known for each instant, (n_steps,), for each filled window, (n_filled,)."""
        return np.broadcast_to(per_instant, self.present.shape)[self.present]

    def spread(self, per_window: NDArray[np.float64]) -> WindowValues:
        """A result for each filled window, (n_filled,), as values and presence at all series and instants."""
        values = np.zeros(self.present.shape)
        values[self.present] = per_window
        return values, self.present


def filled(windows: Windows, at_least: int = 1) -> FilledWindows:
    """The windows that hold at least so many samples."""
    present = windows.last - windows.first >= at_least
    return FilledWindows(present, windows.first[present], windows.last[present])
