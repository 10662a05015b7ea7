"""Past: what rows of features are computed from, whether it is a whole history or what live state keeps of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pronoia.features.configured import ConfiguredFeatures
    from pronoia.features.events import Events
    from pronoia.features.flags import Flags
    from pronoia.features.pairs import Pairs
    from pronoia.features.sorted_week import SortedWeek
    from pronoia.series import Grid

#: How far back single overloads are remembered, in slots: 113 days of five minutes. Older ones are counted only.
REMEMBERED = 32_768


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Loads and what was found in them. Slots are counted from the grid's first; each part may begin later than that.

    Args:
        load: float32 (n_subjects, n), of the slots from `load_first` on.
        load_first: a slot.
        others: float32 (5, n_subjects, n), of the slots from `others_first` on.
        others_first: a slot.
        missing: where the load is not known.
        high: where it is high.
        starts: where an overload begins.
        start_slots: the same, as lists of the newest.
        jump_slots: where the load and each of the other metrics jumps, the newest.
        further: float32 (n_metrics, n_subjects, n), the metrics of configured features, from `further_first` on.
        further_first: a slot.
        week: sorted values of the last week, of each subject or of the one that is looked at.
    """

    load: NDArray[np.float32]
    load_first: int
    others: NDArray[np.float32]
    others_first: int
    further: NDArray[np.float32]
    further_first: int
    missing: Flags
    high: Flags
    starts: Flags
    start_slots: Events
    jump_slots: tuple[Events, ...]
    week: SortedWeek


class LoadPast(Protocol):
    """Subjects and their past: a `LoadHistory`, or a `LiveLoad`."""

    @property
    def n_subjects(self) -> int:
        """Number of subjects."""

    @property
    def grid(self) -> Grid:
        """All slots since the first; the last is the newest that is known."""

    @property
    def static(self) -> NDArray[np.float32]:
        """What does not change, float32 (n_subjects, 2)."""

    @property
    def systems(self) -> NDArray[np.int64]:
        """Which subjects are peers of each other, int64 (n_subjects,)."""

    @property
    def oldest_now(self) -> int:
        """The oldest slot that rows can be asked of."""

    @property
    def asked(self) -> ConfiguredFeatures:
        """Features that the configuration asks for."""

    @property
    def past(self) -> Past:
        """What is known of them."""

    def day_lags(self, rows: NDArray[np.int64], days: NDArray[np.int64]) -> NDArray[np.float64]:
        """What `find_lags` says at the end of a whole day of the grid, float64 (n_rows, 4)."""

    def pairs(self, day: int) -> Pairs:
        """Which subjects begin together, at the end of a whole day of the grid."""
