"""`count_values`: how many series of a group have each value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import EvaluationError, SeriesLimitExceeded
from pronoia.promql.operators.group_totals import counts
from pronoia.promql.operators.grouping import grouped
from pronoia.promql.vector import Vector
from pronoia.series.labels import METRIC_NAME, LabelSet

if TYPE_CHECKING:
    from collections.abc import Sequence


def count_values(vector: Vector, label: str, names: Sequence[str], *, without: bool, max_points: int) -> Vector:
    """One series for each group and value, the value in a label.

    Args:
        vector: n_series at n_steps instants.
        label: gets the value, in the place of what a series has there.
        names: labels of `by` or `without`.
        without: whether `names` are the labels to drop.
        max_points: series times instants of the result.

    Raises:
        EvaluationError: if the label's name is not valid: since Prometheus 3.0 any is that is not empty.
        SeriesLimitExceeded: if there are too many values.
    """
    if not label or not _encodes(label):
        raise EvaluationError(f'invalid label name "{label}"')
    others = [*names, label] if without else [name for name in names if name != label]
    groups = grouped(vector.labels, others, without=without)
    if without and (label in names or label == METRIC_NAME):
        # The label that tells the values apart is dropped again.
        n = counts(vector, groups)
        return Vector(groups.labels, n, n > 0)
    series, step = np.nonzero(vector.present)
    values = vector.values[series, step]
    values[np.isnan(values)] = np.nan
    # By their bits, because zeros of both signs are values of their own.
    distinct, number = np.unique(values.view(np.int64), return_inverse=True)
    pairs, row = np.unique(groups.of_series[series] * len(distinct) + number, return_inverse=True)
    if len(pairs) * vector.n_steps > max_points:
        raise SeriesLimitExceeded("points of an intermediate result", len(pairs) * vector.n_steps, max_points)
    shape = (len(pairs), vector.n_steps)
    n = np.bincount(row * vector.n_steps + step, minlength=math.prod(shape)).reshape(shape).astype(np.float64)
    texts = [plain(value) for value in distinct.view(np.float64).tolist()]
    labels = tuple(
        LabelSet({**dict(groups.labels[pair // len(distinct)].pairs), label: texts[pair % len(distinct)]})
        for pair in pairs.tolist()
    )
    return Vector(labels, n, n > 0)


def plain(value: float) -> str:
    """The shortest decimal that reads back as this number, without an exponent, as Go's 'f' format writes it.

    >>> plain(1.0), plain(0.1), plain(1e22), plain(-0.0), plain(float("-inf"))
    ('1', '0.1', '10000000000000000000000', '-0', '-Inf')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return np.format_float_positional(value, trim="-")


def _encodes(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
