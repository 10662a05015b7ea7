"""The smallest and the largest value of a window, and when they were."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.range_functions.filled import filled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.range_functions.filled import WindowValues
    from pronoia.promql.windows import Windows


def max_over_time(windows: Windows) -> WindowValues:
    """Largest value; NaN only if there is no other."""
    some = filled(windows)
    return some.spread(windows.values[_latest_largest(windows.values, some.first, some.last)])


def min_over_time(windows: Windows) -> WindowValues:
    """Smallest value; NaN only if there is no other."""
    some = filled(windows)
    return some.spread(windows.values[_latest_largest(_negated(windows), some.first, some.last)])


def ts_of_max_over_time(windows: Windows) -> WindowValues:
    """When the largest value was last seen, seconds since 1970."""
    some = filled(windows)
    return some.spread(windows.timestamps_ms[_latest_largest(windows.values, some.first, some.last)] / 1000)


def ts_of_min_over_time(windows: Windows) -> WindowValues:
    """When the smallest value was last seen, seconds since 1970."""
    some = filled(windows)
    return some.spread(windows.timestamps_ms[_latest_largest(_negated(windows), some.first, some.last)] / 1000)


def _negated(windows: Windows) -> NDArray[np.float64]:
    negated = -windows.values
    # Numba compiles anew for columns that can be written.
    negated.flags.writeable = windows.values.flags.writeable
    return negated


@compiled
def _latest_largest(
    values: NDArray[np.float64], first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Index of each window's largest value, the latest of equal ones; of its last sample if all are NaN.

    A sample followed by one at least as large can no more be the largest of this window or of a later one. Those that
    still can are kept in a queue, falling from its head, so that a sample costs the same in long windows as in short.
    """
    largest = np.empty(len(first), np.int64)
    queue = np.empty(len(values), np.int64)
    head = tail = seen = 0
    for w in range(len(first)):
        for s in range(max(seen, first[w]), last[w]):
            if math.isnan(values[s]):
                continue
            while tail > head and values[queue[tail - 1]] <= values[s]:
                tail -= 1
            queue[tail] = s
            tail += 1
        seen = last[w]
        while head < tail and queue[head] < first[w]:
            head += 1
        largest[w] = queue[head] if head < tail else last[w] - 1
    return largest
