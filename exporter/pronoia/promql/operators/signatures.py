"""The labels by which the series of two vectors are compared, and whether they tell apart what is present together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.promql.operators.grouping import only
from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from pronoia.promql.plan import Matching
    from pronoia.series.labels import LabelSet


def signatures(labels: Sequence[LabelSet], matching: Matching) -> list[LabelSet]:
    """The labels that are compared: those of `on`, or all but those of `ignoring` and the metric name."""
    if matching.on:
        return [only(each, matching.labels) for each in labels]
    return [each.without(METRIC_NAME, *matching.labels) for each in labels]


def coexisting(keys: Sequence[Hashable], present: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Two series with equal keys that are present at the same instant, the earlier first; none if there are not."""
    taken: dict[Hashable, NDArray[np.bool_]] = {}
    for i, key in enumerate(keys):
        before = taken.get(key)
        if before is None:
            taken[key] = present[i]
            continue
        both = before & present[i]
        if both.any():
            t = int(np.argmax(both))
            return next(j for j in range(i) if keys[j] == key and present[j, t]), i
        taken[key] = before | present[i]
    return None
