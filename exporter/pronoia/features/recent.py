"""RecentLoad: what the newest slots came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pronoia.series import Grid, LabelSet


@dataclass(frozen=True, slots=True, eq=False)
class RecentLoad:
    """The end of a history, as `LoadHistory` has the whole of it.

    Args:
        labels: n_subjects label sets.
        grid: the newest slots; the last may still change.
        load: float32 (n_subjects, n_slots), NaN where there was no sample.
        is_high: bool (n_subjects, n_slots).
        starts: bool (n_subjects, n_slots), where an overload begins.
    """

    labels: tuple[LabelSet, ...]
    grid: Grid
    load: NDArray[np.float32]
    is_high: NDArray[np.bool_]
    starts: NDArray[np.bool_]
