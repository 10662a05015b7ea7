"""HeadroomHistory: how much of a limit is used, on slots of a horizon's sixtieth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Slots in a horizon. All windows are counted in slots, so that an hour ahead is told from hours as a quarter of an
#: hour is from quarters.
SLOTS_PER_HORIZON = 60
#: Nothing further back is looked at: four horizons.
LOOKBACK_SLOTS = 240
# Values missing for no longer than this are taken to be the last one; after longer gaps a rise begins anew.
_HELD_SLOTS = 4


@dataclass(frozen=True, slots=True, eq=False)
class HeadroomHistory:
    """One signal of n_series systems on n_slots slots of equal length, the newest last.

    Args:
        used: float64 (n_series, n_slots), share of the limit that is used: 1 is the failure. NaN where not known.
            Of memory what cannot be reclaimed (working set, anonymous), not usage, which counts the page cache.
        load: float64 (n_series, n_slots), what the signal may follow, such as CPU seconds per second, in any unit; NaN
            where there is nothing.
        failed: bool (n_series, n_slots), slots in which the failure happened.

    Raises:
        ValueError: if shapes disagree.
    """

    used: NDArray[np.float64]
    load: NDArray[np.float64]
    failed: NDArray[np.bool_]

    def __post_init__(self) -> None:
        for name in ("load", "failed"):
            shape = getattr(self, name).shape
            if shape != self.used.shape or self.used.ndim != 2:
                raise ValueError(f"{name} has shape {shape}, used {self.used.shape}; one (n_series, n_slots) is needed")

    @property
    def n_slots(self) -> int:
        """Number of slots."""
        return int(self.used.shape[1])


def held(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gaps of at most four slots filled with the last known value; nothing later is looked at.

    >>> held(np.array([[1.0, np.nan, 3.0, *[np.nan] * 5]])).tolist()
    [[1.0, 1.0, 3.0, 3.0, 3.0, 3.0, 3.0, nan]]
    """
    places = np.arange(values.shape[1])
    newest = np.maximum.accumulate(np.where(np.isfinite(values), places, -1), axis=1)
    is_held = (newest >= 0) & (places - newest <= _HELD_SLOTS)
    return np.where(is_held, np.take_along_axis(values, np.maximum(newest, 0), axis=1), np.nan)
