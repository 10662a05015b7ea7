"""Subqueries: an expression evaluated at the multiples of a step, taken as if it were stored samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.series.frame import SeriesFrame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.promql.vector import Vector


def subquery_times(first_ms: int, last_ms: int, step_ms: int, *, left_open: bool) -> NDArray[np.int64]:
    """The multiples of `step_ms` from `first_ms` (left out itself if `left_open`) to `last_ms`.

    >>> subquery_times(100, 400, 100, left_open=True).tolist(), subquery_times(100, 250, 100, left_open=False).tolist()
    ([200, 300, 400], [100, 200])
    """
    begin_ms = -(-(first_ms + (1 if left_open else 0)) // step_ms) * step_ms
    return np.arange(begin_ms, last_ms + 1, step_ms, dtype=np.int64)


def as_samples(vector: Vector, times_ms: NDArray[np.int64]) -> SeriesFrame:
    """The present values of a vector as samples at the instants of its evaluation, int64 (n_steps,)."""
    n_samples = np.count_nonzero(vector.present, axis=1)
    indptr = np.zeros(vector.n_series + 1, np.int64)
    np.cumsum(n_samples, out=indptr[1:])
    times = np.broadcast_to(times_ms, vector.present.shape)[vector.present]
    return SeriesFrame(vector.labels, times, vector.values[vector.present], indptr)
