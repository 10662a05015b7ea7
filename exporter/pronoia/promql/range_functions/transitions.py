"""What happens from one sample to the next: `resets` and `changes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.promql.range_functions.filled import filled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.range_functions.filled import WindowValues
    from pronoia.promql.windows import Windows


def resets(windows: Windows) -> WindowValues:
    """How often a value lies below the one before it."""
    return _count(windows, windows.values[1:] < windows.values[:-1])


def changes(windows: Windows) -> WindowValues:
    """How often a value differs from the one before it; NaN does not differ from NaN."""
    before, after = windows.values[:-1], windows.values[1:]
    return _count(windows, (after != before) & ~(np.isnan(after) & np.isnan(before)))


def _count(windows: Windows, happened: NDArray[np.bool_]) -> WindowValues:
    """How many of the transitions, bool (n_samples - 1,), lie between samples of each window."""
    some = filled(windows)
    so_far = np.zeros(len(windows.values), np.int64)
    np.cumsum(happened, out=so_far[1:])
    return some.spread((so_far[some.last - 1] - so_far[some.first]).astype(np.float64))
