"""Novelty: how sure it is that a series has jumped to where it never was before.

Members that learn from the past know nothing there and return to it; a step to a new level is no spike once it lasts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel

# The newest part of a history that is compared with all before it: at most so many steps, at most this share.
_MOST_NEWEST = 200
_NEWEST_SHARE = 0.125
_LEAST_BEFORE = 30
# Beyond the extremes by this share of their distance is new.
_BEYOND = 0.25
# After so many values at the new level, half is believed.
_HALF_BELIEVED = 4.0


def novelty(panel: Panel) -> NDArray[np.float64]:
    """How far to believe, for each series, that its newest values are a level never seen before, in 0 .. 1.

    Args:
        panel: the series.

    Returns:
        float64 (n_series,), zero where the newest value lies inside what was seen, and for short series.
    """
    belief = np.zeros(panel.n_series)
    for row, (first, length) in enumerate(zip(panel.first.tolist(), panel.lengths.tolist(), strict=True)):
        n_newest = min(_MOST_NEWEST, int(_NEWEST_SHARE * length))
        if n_newest < 1 or length - n_newest < _LEAST_BEFORE:
            continue
        before, newest = panel.values[row, first:-n_newest], panel.values[row, -n_newest:]
        low, high = before.min(), before.max()
        margin = _BEYOND * (high - low)
        # Above or below throughout: a series that swings wildly is not at a level.
        for new in (newest > high + margin, newest < low - margin):
            n_new = int(np.argmin(new[::-1])) if not new.all() else n_newest
            belief[row] = max(belief[row], n_new / (n_new + _HALF_BELIEVED))
    return belief
