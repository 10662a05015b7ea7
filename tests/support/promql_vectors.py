"""Instant vectors written down series by series, and read back in the same form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from pronoia.promql.vector import Scalar, Vector
from pronoia.series import LabelSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    #: The value at each instant, None where there is none.
    Row = Sequence[float | None]

_PAIR = re.compile('([a-z_]+)="([^"]*)"')


def label_set(text: str) -> LabelSet:
    """Labels as `str` writes them.

    >>> str(label_set('up{job="node"}'))
    'up{job="node"}'
    """
    name, _, rest = text.partition("{")
    return LabelSet({"__name__": name, **dict(_PAIR.findall(rest))})


def vector(rows: Mapping[str, Row]) -> Vector:
    """A vector of these series."""
    values = np.array([[np.nan if each is None else each for each in row] for row in rows.values()], np.float64)
    present = np.array([[each is not None for each in row] for row in rows.values()], np.bool_)
    return Vector(tuple(label_set(text) for text in rows), values, present)


def scalar(*values: float) -> Scalar:
    """A scalar with these values."""
    return Scalar(np.array(values, np.float64))


def rows_of(result: Vector | Scalar) -> dict[str, list[float | None]]:
    """What `vector` would be given; series that are never present are left out."""
    assert isinstance(result, Vector)
    assert len(set(result.labels)) == result.n_series
    rows = zip(result.labels, result.values.tolist(), result.present.tolist(), strict=True)
    return {
        str(labels): [value if there else None for value, there in zip(values, present, strict=True)]
        for labels, values, present in rows
        if any(present)
    }
