"""Which series belong together: by the labels they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.series.labels import METRIC_NAME, LabelSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """A partition of n_series series into n_groups groups, in the order in which they first appear.

    Args:
        labels: n_groups distinct label sets.
        of_series: int64 (n_series,), the group of each series.
        members: int64 (n_series,), the series of the first group in their own order, then those of the second, ...
        first: int64 (n_groups + 1,), where in `members` each group begins; the last entry is its end.
    """

    labels: tuple[LabelSet, ...]
    of_series: NDArray[np.int64]
    members: NDArray[np.int64]
    first: NDArray[np.int64]

    @classmethod
    def of(cls, keys: Sequence[LabelSet]) -> Groups:
        """Series with equal keys together."""
        number: dict[LabelSet, int] = {}
        of_series = np.array([number.setdefault(key, len(number)) for key in keys], np.int64)
        first = np.zeros(len(number) + 1, np.int64)
        np.cumsum(np.bincount(of_series, minlength=len(number)), out=first[1:])
        return cls(tuple(number), of_series, np.argsort(of_series, kind="stable"), first)


def grouped(labels: Sequence[LabelSet], names: Sequence[str], *, without: bool) -> Groups:
    """Groups of `by (names)` or `without (names)`, labelled as an aggregation's result.

    >>> up = LabelSet({"__name__": "up", "job": "node", "zone": "a"})
    >>> [str(each) for each in grouped([up], ["zone"], without=True).labels]
    ['{job="node"}']
    >>> [str(each) for each in grouped([up], ["__name__", "zone"], without=False).labels]
    ['up{zone="a"}']
    """
    if without:
        return Groups.of([each.without(METRIC_NAME, *names) for each in labels])
    return Groups.of([only(each, names) for each in labels])


def only(labels: LabelSet, names: Sequence[str]) -> LabelSet:
    """Just the labels with these names."""
    return LabelSet.from_sorted(tuple(pair for pair in labels.pairs if pair[0] in names))
