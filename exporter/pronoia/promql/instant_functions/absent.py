"""`absent` and `absent_over_time`: a series where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.promql.vector import Vector
from pronoia.series.labels import METRIC_NAME, LabelSet
from pronoia.series.matchers import MatchOp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from pronoia.promql.windows import Windows
    from pronoia.series.matchers import Matcher


def absent(vector: Vector, labels: LabelSet) -> Vector:
    """1 at instants at which no series of the vector is present.

    Args:
        vector: n_series may be zero.
        labels: of the result, see `labels_of_matchers`.
    """
    return _ones(np.asarray(~vector.present.any(axis=0)), labels)


def absent_over_time(windows: Windows, labels: LabelSet) -> Vector:
    """1 at instants at which every window is empty."""
    return _ones(np.asarray(~(windows.last > windows.first).any(axis=0)), labels)


def labels_of_matchers(matchers: Iterable[Matcher]) -> LabelSet:
    """What a selector says of a series that is missing: the labels that it asks to be equal to something.

    A label named by more matchers says nothing, as in Prometheus; except that the last of them still counts if it is
    the only one for equality.

    >>> from pronoia.promql.selector import parse_selector
    >>> print(labels_of_matchers(parse_selector('up{job="node",zone=~"eu.*",mode="a",mode="b"}')))
    {job="node"}
    """
    labels: dict[str, str] = {}
    compared: set[str] = set()
    for matcher in matchers:
        if matcher.name == METRIC_NAME:
            continue
        if matcher.op is MatchOp.EQUAL and matcher.name not in compared:
            labels[matcher.name] = matcher.value
            compared.add(matcher.name)
        else:
            labels.pop(matcher.name, None)
    return LabelSet(labels)


def _ones(present: NDArray[np.bool_], labels: LabelSet) -> Vector:
    return Vector((labels,), np.ones((1, len(present))), present[np.newaxis])
