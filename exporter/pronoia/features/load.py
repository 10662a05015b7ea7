"""LoadHistory: how loaded systems were, slot by slot, on one scale for all resources."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.configured import ConfiguredFeatures
from pronoia.features.day_lags import SPAN, find_lags
from pronoia.features.events import Events
from pronoia.features.flags import Flags
from pronoia.features.jumps import JUMP_LIMITS, jumps_of
from pronoia.features.pairs import Pairs
from pronoia.features.past import Past
from pronoia.features.slots import DAY, HIGH
from pronoia.features.sorted_week import SortedWeek

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.series import Grid, LabelSet

#: Other metrics of the same system, in the order of `LoadHistory.others`.
OTHERS = ("other_ratio", "disk_read", "disk_write", "network_receive", "network_transmit")
#: What does not change while a system lives, in the order of `LoadHistory.static`.
STATIC = ("cores", "log_memory_mebibytes")


@dataclass(frozen=True, eq=False)
class LoadHistory:
    """Load of n_subjects, each one resource of one system, at n_slots instants.

    Args:
        labels: n_subjects label sets.
        grid: the slots.
        load: float32 (n_subjects, n_slots), utilisation divided by its limit and brought to a scale on which the
            threshold is 0.9; NaN where there was no sample.
        others: float32 (5, n_subjects, n_slots), see `OTHERS`: a ratio, and log(1 + KB/s); NaN where not known.
        static: float32 (n_subjects, 2), see `STATIC`; NaN where not known.
        systems: int64 (n_subjects,), which subjects are peers of each other: the same number.
        clean_slots: how many slots must have been below the threshold before a new onset counts.
        hold_slots: how many slots in a row must be high to count.
        asked: features that the configuration asks for.
        further: float32 (n_metrics, n_subjects, n_slots), the metrics that those are of; NaN where not known. None if
            there are none.

    Raises:
        ValueError: if shapes do not fit together.
    """

    labels: tuple[LabelSet, ...]
    grid: Grid
    load: NDArray[np.float32]
    others: NDArray[np.float32]
    static: NDArray[np.float32]
    systems: NDArray[np.int64]
    clean_slots: int = 6
    hold_slots: int = 1
    asked: ConfiguredFeatures = field(default_factory=ConfiguredFeatures)
    further: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        n_subjects, n_slots = len(self.labels), self.grid.n_steps
        wanted: dict[str, tuple[int, ...]] = {
            "load": (n_subjects, n_slots),
            "others": (len(OTHERS), n_subjects, n_slots),
            "static": (n_subjects, len(STATIC)),
            "systems": (n_subjects,),
        }
        for name, shape in wanted.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, {shape} is needed")
        further = (len(self.asked.metrics), n_subjects, n_slots)
        if (0, n_subjects, n_slots) != further if self.further is None else self.further.shape != further:
            got = None if self.further is None else self.further.shape
            raise ValueError(f"further has shape {got}, {further} is needed")

    def take(self, rows: NDArray[np.int64]) -> LoadHistory:
        """The subjects of these numbers."""
        return replace(
            self,
            labels=tuple(self.labels[row] for row in rows),
            load=self.load[rows],
            others=self.others[:, rows],
            static=self.static[rows],
            systems=self.systems[rows],
            further=None if self.further is None else self.further[:, rows],
        )

    @property
    def n_subjects(self) -> int:
        """Number of subjects."""
        return len(self.labels)

    @cached_property
    def is_high(self) -> NDArray[np.bool_]:
        """Whether the load has been at or above the threshold for `hold_slots`, bool (n_subjects, n_slots)."""
        above = self.load >= np.float32(HIGH)
        held = above.copy()
        for slots in range(1, self.hold_slots):
            held[:, slots:] &= above[:, :-slots]
            held[:, :slots] = False
        return held

    @cached_property
    def starts(self) -> NDArray[np.bool_]:
        """Whether an overload begins: high, after `clean_slots` that are known and were all below."""
        return _starts(self.is_high, np.isfinite(self.load), self.clean_slots)

    @cached_property
    def high_before(self) -> NDArray[np.int32]:
        """How many slots before each were high, int32 (n_subjects, n_slots + 1)."""
        return _count_before(self.is_high)

    @cached_property
    def starts_before(self) -> NDArray[np.int32]:
        """How many overloads began before each slot, int32 (n_subjects, n_slots + 1)."""
        return _count_before(self.starts)

    @property
    def oldest_now(self) -> int:
        """The oldest slot that rows can be asked of: any."""
        return 0

    @cached_property
    def past(self) -> Past:
        """What rows of features are computed from."""
        return Past(
            load=np.ascontiguousarray(self.load),
            load_first=0,
            others=np.ascontiguousarray(self.others),
            others_first=0,
            further=np.ascontiguousarray(
                np.empty((0, *self.load.shape), np.float32) if self.further is None else self.further
            ),
            further_first=0,
            missing=Flags.of(np.isnan(self.load)),
            high=Flags.of(self.is_high),
            starts=Flags.of(self.starts),
            start_slots=Events.of(self.starts),
            jump_slots=tuple(
                Events.of(jumps_of(metric, limit))
                for metric, limit in zip((self.load, *self.others), JUMP_LIMITS, strict=True)
            ),
            week=SortedWeek.of(1),
        )

    @cached_property
    def _found_lags(self) -> dict[int, NDArray[np.float64]]:
        """What was found at the ends of days, float64 (n_subjects, 4) each: infinity where it was not asked for."""
        return {}

    def day_lags(self, rows: NDArray[np.int64], days: NDArray[np.int64]) -> NDArray[np.float64]:
        """What `find_lags` says at the end of a whole day of the grid, float64 (n_rows, 4); found once."""
        lags = np.full((len(rows), 4), np.nan)
        for day in np.unique(days).tolist():
            end = day * DAY - first_of_day(self.grid)
            if end <= 0:
                continue
            found = self._found_lags.setdefault(day, np.full((self.n_subjects, 4), np.inf))
            mine = days == day
            asked = np.unique(rows[mine])
            asked = asked[np.isposinf(found[asked, 0])]
            span = slice(max(end - SPAN, 0), end)
            found[asked] = find_lags(self.load[asked, span], self.starts[asked, span])
            lags[mine] = found[rows[mine]]
        return lags

    @cached_property
    def _pairs(self) -> list[Pairs]:
        """The pairs that were asked for last, alone."""
        return [Pairs(self.n_subjects)]

    def pairs(self, day: int) -> Pairs:
        """Which subjects begin together, at the end of a whole day of the grid; cheapest in the order of time."""
        if day < self._pairs[0].day:
            self._pairs[0] = Pairs(self.n_subjects)
        self._pairs[0].count_until(day, self.past.starts, self.systems, first_of_day(self.grid))
        return self._pairs[0]


def first_of_day(grid: Grid) -> int:
    """How many slots of its day had passed when a grid began; days are those of Unix time."""
    return int(grid.start_ms // grid.step_ms % DAY)


def bridge_single_gaps(load: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fill each slot that is missing alone with the one before it.

    >>> bridge_single_gaps(np.array([[1, np.nan, 2, np.nan, np.nan, 3]], np.float32)).tolist()
    [[1.0, 1.0, 2.0, nan, nan, 3.0]]
    """
    filled = load.copy()
    missing = np.isnan(load)
    alone = missing[:, 1:-1] & ~missing[:, :-2] & ~missing[:, 2:]
    filled[:, 1:-1][alone] = load[:, :-2][alone]
    return filled


def to_scale(utilisation: NDArray[np.float64], threshold: float) -> NDArray[np.float32]:
    """Bring a utilisation to the scale on which its threshold is 0.9.

    >>> to_scale(np.array([0.4, 0.8]), 0.8).tolist()
    [0.44999998807907104, 0.8999999761581421]
    """
    scaled: NDArray[np.float32] = (HIGH * utilisation / threshold).astype(np.float32)
    return scaled


def _count_before(flags: NDArray[np.bool_]) -> NDArray[np.int32]:
    counts = np.zeros((flags.shape[0], flags.shape[1] + 1), np.int32)
    np.cumsum(flags, axis=1, out=counts[:, 1:])
    return counts


@compiled
def _starts(high: NDArray[np.bool_], known: NDArray[np.bool_], clean_slots: int) -> NDArray[np.bool_]:
    starts = np.zeros(high.shape, np.bool_)
    for subject in range(len(high)):
        n_clean = 0
        for slot in range(high.shape[1]):
            if high[subject, slot]:
                starts[subject, slot] = n_clean >= clean_slots
                n_clean = 0
            elif known[subject, slot]:
                n_clean += 1
            else:
                n_clean = 0
    return starts
