"""`sort` and its kin: the order of series, which is seen only where a single instant is evaluated."""

from __future__ import annotations

import re
from functools import cmp_to_key
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pronoia.promql.vector import Vector
    from pronoia.series.labels import LabelSet

_CHUNK = re.compile("[0-9]+|[^0-9]+")


def sort(vector: Vector) -> Vector:
    """Ascending by value, NaN last; unchanged for more instants than one."""
    if vector.n_steps != 1:
        return vector
    return vector.take(np.argsort(vector.values[:, 0], kind="stable"))


def sort_desc(vector: Vector) -> Vector:
    """Descending by value, NaN last; unchanged for more instants than one."""
    if vector.n_steps != 1:
        return vector
    return vector.take(np.argsort(-vector.values[:, 0], kind="stable"))


def sort_by_label(vector: Vector, *names: str) -> Vector:
    """In natural order of these labels' values, then of all labels; unchanged for more instants than one."""
    return vector if vector.n_steps != 1 else vector.take(_order(vector, names))


def sort_by_label_desc(vector: Vector, *names: str) -> Vector:
    """The other way round."""
    return vector if vector.n_steps != 1 else vector.take(_order(vector, names)[::-1])


def _order(vector: Vector, names: tuple[str, ...]) -> list[int]:
    natural = cmp_to_key(natural_order)

    def key(labels: LabelSet) -> tuple[object, ...]:
        return (*(natural(labels.get(name, "")) for name in names), labels.pairs)

    return sorted(range(vector.n_series), key=lambda i: key(vector.labels[i]))


def natural_order(left: str, right: str) -> int:
    """Negative if `left` comes first, positive if `right` does: digits count as numbers, all else as text.

    What Prometheus' library (https://github.com/facette/natsort) says, made an order where that contradicts itself:
    it lets numbers written differently ("01", "1") precede each other, and calls them equal here.

    >>> natural_order("cpu2", "cpu10"), natural_order("cpu2", "cpu2a"), natural_order("b", "a1")
    (-1, -1, 1)
    """
    left_chunks, right_chunks = _CHUNK.findall(left), _CHUNK.findall(right)
    for ours, theirs in zip(left_chunks, right_chunks, strict=False):
        our_number, their_number = _number(ours), _number(theirs)
        if our_number is not None and their_number is not None:
            if our_number != their_number:
                return -1 if our_number < their_number else 1
        elif ours != theirs:
            return -1 if ours < theirs else 1
    return (len(left_chunks) > len(right_chunks)) - (len(left_chunks) < len(right_chunks))


def _number(chunk: str) -> int | None:
    if not "0" <= chunk[0] <= "9" or len(chunk) > 19:
        return None
    number = int(chunk)
    # Larger ones are no 64-bit integers in Go and compare as text.
    return number if number < 2**63 else None
