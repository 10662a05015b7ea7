"""Anchors: the past instants at which a regression looks back and ahead, evenly spread over the history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel

#: Anchors per series and knot.
N_ANCHORS = 600
_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
# Fewer instants than this to choose from, and a knot is not fitted.
_LEAST_ROOM = 12


@dataclass(frozen=True, slots=True, eq=False)
class Anchors:
    """Where a regression learns.

    Args:
        origins: int64 (n_series, n_knots, 600), index of the first value not known at the anchor.
        targets: int64 (n_series, n_knots, 600), index of the value to foretell.
        weights: float64 (n_series, n_knots, 600), less for old anchors, zero where the truth is not known or the knot
            cannot be fitted.
        spans: float64 (n_series,), steps of history that are learnt from.
    """

    origins: NDArray[np.int64]
    targets: NDArray[np.int64]
    weights: NDArray[np.float64]
    spans: NDArray[np.float64]


def choose_anchors(
    panel: Panel,
    periods: NDArray[np.int64],
    ends: NDArray[np.int64],
    knots: NDArray[np.int64],
    *,
    span: int,
    half_life: float,
) -> Anchors:
    """Spread anchors over the newest part of each history, after one longest period.

    Args:
        panel: the series.
        periods: int64 (n_series, n_slots).
        ends: int64 (n_series,), index of the first value that may not be used.
        knots: int64 (n_knots,), horizons.
        span: longest history learnt from, in steps.
        half_life: spans after which an anchor counts half.
    """
    spans = np.minimum(ends - panel.first, span).astype(np.float64)
    earliest = np.maximum(ends - span, panel.first + np.maximum(periods.max(axis=1), 1))[:, None]
    latest = ends[:, None] - knots
    fraction = spread_out(N_ANCHORS)
    room = np.maximum(latest - earliest, 0)
    origins = np.minimum(earliest, np.maximum(latest, 0))[:, :, None] + ((room[:, :, None] + 1) * fraction).astype(
        np.int64
    )
    targets = origins + knots[:, None] - 1
    rows = np.arange(panel.n_series)[:, None, None]
    reachable = np.minimum(targets, panel.n_steps - 1)
    known = np.isfinite(panel.truth[rows, reachable]) & (latest - earliest >= _LEAST_ROOM)[:, :, None]
    ages = (ends[:, None, None] - origins) / np.maximum(half_life * spans, 1.0)[:, None, None]
    return Anchors(origins, reachable, np.where(known, 0.5**ages, 0.0), spans)


def spread_out(n_anchors: int) -> NDArray[np.float64]:
    """Fractions of a span, float64 (n_anchors,), one in each n-th part at a place that shifts by the golden ratio.

    An even spread has a period of its own, and would meet an hour's phases at only a few places.
    """
    number = np.arange(n_anchors)
    fractions: NDArray[np.float64] = (number + number * _GOLDEN % 1.0) / n_anchors
    return fractions
