"""Aggregation operators: many series become few, at each instant over those that are present."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from pronoia.promql.operators.count_values import count_values
from pronoia.promql.operators.group_quantile import quantiles
from pronoia.promql.operators.group_totals import counts, largest, means, smallest, sums, variances
from pronoia.promql.operators.grouping import grouped
from pronoia.promql.operators.ranking import strongest
from pronoia.promql.vector import Scalar, Vector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from pronoia.promql.operators.grouping import Groups

#: From series, their groups and how many of each are present to one value for each group and instant.
_TOTALS: Mapping[str, Callable[[Vector, Groups, NDArray[np.float64]], NDArray[np.float64]]] = {
    "sum": lambda vector, groups, _: sums(vector, groups),
    "avg": means,
    "min": lambda vector, groups, _: smallest(vector, groups),
    "max": lambda vector, groups, _: largest(vector, groups),
    "count": lambda _vector, _groups, n: n,
    "group": lambda _vector, _groups, n: np.ones_like(n),
    "stdvar": lambda vector, groups, _: variances(vector, groups),
    "stddev": lambda vector, groups, _: np.sqrt(variances(vector, groups)),
}
AGGREGATIONS = frozenset((*_TOTALS, "quantile", "topk", "bottomk", "count_values"))


def aggregate(
    operator: str,
    vector: Vector,
    parameter: Scalar | str | None,
    grouping: Sequence[str],
    without: bool,
    *,
    max_points: int = sys.maxsize,
) -> Vector:
    """Apply an aggregation operator.

    Args:
        operator: one of `AGGREGATIONS`.
        vector: n_series at n_steps instants.
        parameter: k of `topk` and `bottomk`, the share of `quantile`, the label name of `count_values`.
        grouping: the labels named by `by` or `without`.
        without: whether those are to be dropped; the metric name is then dropped as well.
        max_points: series times instants of the result, where that can be more than of the vector (`count_values`).

    Returns:
        One series for each group; for `topk` and `bottomk` the vector's own series where they are in front.

    Raises:
        EvaluationError: if the parameter has no meaning.
        SeriesLimitExceeded: if `count_values` finds more values than `max_points` allows.
    """
    if isinstance(parameter, str):
        return count_values(vector, parameter, grouping, without=without, max_points=max_points)
    groups = grouped(vector.labels, grouping, without=without)
    with np.errstate(all="ignore"):
        if operator in {"topk", "bottomk"} and parameter is not None:
            return strongest(vector, groups, parameter.values, smallest=operator == "bottomk")
        n = counts(vector, groups)
        if operator == "quantile" and parameter is not None:
            values = quantiles(vector, groups, parameter.values)
        else:
            values = _TOTALS[operator](vector, groups, n)
        return Vector(groups.labels, values, n > 0)
