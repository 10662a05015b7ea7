"""Instant vector selectors: for each series and instant, the newest sample that still counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.promql.vector import Vector
from pronoia.series.staleness import STALE_NAN_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.series.frame import SeriesFrame


@dataclass(frozen=True, slots=True, eq=False)
class Selected:
    """What an instant vector selector gives.

    Args:
        vector: the samples' values.
        sampled_at_ms: int64 (n_series, n_steps), when each was taken; without meaning where none is present.
    """

    vector: Vector
    sampled_at_ms: NDArray[np.int64]


def select_instants(frame: SeriesFrame, ends_ms: NDArray[np.int64], lookback_ms: int, *, left_open: bool) -> Selected:
    """The newest sample at or before each instant, unless it is too old or a staleness marker.

    Args:
        frame: n_series ragged series, staleness markers included.
        ends_ms: int64 (n_steps,), the instants looked at, never falling.
        lookback_ms: how old a sample may be.
        left_open: a sample exactly that old does not count.
    """
    shape = (frame.n_series, len(ends_ms))
    values, present, sampled_at_ms = np.empty(shape), np.empty(shape, np.bool_), np.empty(shape, np.int64)
    oldest_ms = ends_ms - lookback_ms + (1 if left_open else 0)
    _newest(
        frame.timestamps_ms, frame.values.view(np.uint64), frame.indptr, oldest_ms, ends_ms,
        values.view(np.uint64), present, sampled_at_ms,
    )  # fmt: skip
    return Selected(Vector(frame.labels, values, present), sampled_at_ms)


@compiled
def _newest(
    timestamps_ms: NDArray[np.int64],
    value_bits: NDArray[np.uint64],
    indptr: NDArray[np.int64],
    oldest_ms: NDArray[np.int64],
    ends_ms: NDArray[np.int64],
    out_bits: NDArray[np.uint64],
    present: NDArray[np.bool_],
    sampled_at_ms: NDArray[np.int64],
) -> None:
    stale = np.uint64(STALE_NAN_BITS)
    for i in range(len(indptr) - 1):
        begin, end = indptr[i], indptr[i + 1]
        after = begin
        for t in range(len(ends_ms)):
            while after < end and timestamps_ms[after] <= ends_ms[t]:
                after += 1
            newest = after - 1
            present[i, t] = newest >= begin and timestamps_ms[newest] >= oldest_ms[t] and value_bits[newest] != stale
            if present[i, t]:
                out_bits[i, t] = value_bits[newest]
                sampled_at_ms[i, t] = timestamps_ms[newest]
            else:
                out_bits[i, t] = 0
                sampled_at_ms[i, t] = 0
