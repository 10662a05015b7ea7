"""`quantile` over the series of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.range_functions.quantile_over_time import interpolated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.operators.grouping import Groups
    from pronoia.promql.vector import Vector


def quantiles(vector: Vector, groups: Groups, quantile: NDArray[np.float64]) -> NDArray[np.float64]:
    """The value below which a share of a group's values lies, interpolated between two; NaN counts as the smallest.

    Args:
        vector: n_series at n_steps instants.
        groups: of its series.
        quantile: float64 (n_steps,), the share; below 0 gives -Inf, above 1 +Inf, NaN gives NaN.

    Returns:
        float64 (n_groups, n_steps), without meaning where no series of a group is present.
    """
    return _quantiles(vector.values, vector.present, groups.members, groups.first, quantile)


@compiled
def _quantiles(
    values: NDArray[np.float64],
    present: NDArray[np.bool_],
    members: NDArray[np.int64],
    first: NDArray[np.int64],
    quantile: NDArray[np.float64],
) -> NDArray[np.float64]:
    n_groups, n_steps = len(first) - 1, values.shape[1]
    found = np.zeros((n_groups, n_steps))
    column = np.empty(len(members))
    for g in range(n_groups):
        for t in range(n_steps):
            n = n_ordered = 0
            for m in range(first[g], first[g + 1]):
                if present[members[m], t]:
                    n += 1
                    value = values[members[m], t]
                    if not np.isnan(value):
                        column[n_ordered] = value
                        n_ordered += 1
            if n:
                column[:n_ordered].sort()
                found[g, t] = interpolated(column, n_ordered, n, quantile[t])
    return found
