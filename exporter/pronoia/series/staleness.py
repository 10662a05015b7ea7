"""Staleness markers: the NaN with which Prometheus says that a series ended.

A marker ends a series' validity at its timestamp; it is not a value. Other NaNs are ordinary values.
Source: prometheus/prometheus model/value/value.go (StaleNaN).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.series.frame import SeriesFrame

STALE_NAN_BITS = 0x7FF0000000000002
STALE_NAN = float(np.array([STALE_NAN_BITS], dtype=np.uint64).view(np.float64)[0])


def is_stale(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which values are staleness markers, compared bit for bit (any shape)."""
    marker: NDArray[np.bool_] = np.ascontiguousarray(values).view(np.uint64) == np.uint64(STALE_NAN_BITS)
    return marker


def drop_stale(frame: SeriesFrame) -> SeriesFrame:
    """The frame without its staleness markers; series left with no sample are dropped."""
    stale = is_stale(frame.values)
    if not stale.any():
        return frame.without_empty()
    return frame.keep_samples(~stale).without_empty()
