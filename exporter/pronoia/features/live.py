"""LiveLoad: a load history that grows slot by slot, of which only what features need is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.day_lags import SPAN, find_lags
from pronoia.features.flags import counts_before, unpacked
from pronoia.features.jumps import JUMP_LIMITS
from pronoia.features.live_arrays import (
    Firsts,
    arrays_of,
    blank,
    bytes_per_subject,
    firsts_of,
    joined,
    kept,
    make_room,
    past_of,
)
from pronoia.features.live_slot import settle, write_slot
from pronoia.features.load import OTHERS, first_of_day
from pronoia.features.pairs import Pairs
from pronoia.features.recent import RecentLoad
from pronoia.features.slots import DAY
from pronoia.series import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.features.configured import ConfiguredFeatures
    from pronoia.features.live_arrays import Arrays
    from pronoia.features.load import LoadHistory
    from pronoia.features.past import Past
    from pronoia.series import LabelSet


class LiveLoad:
    """State of all subjects; `features_at` makes of it the rows that it would make of the whole history.

    Of each subject the same number of bytes is kept however long it lives, 57 kB (`bytes_per_subject`), and 8
    bytes for each other subject if both were ever overloaded. Counts over the whole past are running sums. A slot costs
    a microsecond a subject, and rows 20 each; at the end of a day a transform of two weeks is due, 0.1 ms a subject.

    The newest slot may be written again until the next one is. A slot that is missing alone is filled with the one
    before it, as `bridge_single_gaps` does, as soon as the one after it is known.

    Not safe to use from several threads at once: making rows moves sorted windows on.
    """

    def __init__(
        self, labels: tuple[LabelSet, ...], grid: Grid, arrays: Arrays, firsts: Firsts, pairs: Pairs, *,
        clean_slots: int, hold_slots: int, asked: ConfiguredFeatures,
    ) -> None:  # fmt: skip
        self._labels = labels
        self._grid = grid
        self._arrays = arrays
        self._firsts = firsts
        self._pairs = pairs
        self._clean_slots, self._hold_slots = clean_slots, hold_slots
        self._asked = asked
        # Of the day that ended last, while its last slot may still change.
        self._new_day: tuple[int, NDArray[np.float64], Pairs] | None = None
        self._past: Past | None = None

    @classmethod
    def of(cls, history: LoadHistory) -> LiveLoad:
        """Take over where a history ends; its single gaps are bridged. This is how state is made at a start."""
        firsts = firsts_of(history.grid.n_steps)
        arrays = arrays_of(history, firsts)
        # What ended before the newest two slots will not change any more.
        day = (history.grid.n_steps - 2 + first_of_day(history.grid)) // DAY
        rows = np.arange(history.n_subjects)
        arrays["lags"] = history.day_lags(rows, np.full(len(rows), day))
        pairs = Pairs(history.n_subjects)
        pairs.count_until(day, history.past.starts, history.systems, first_of_day(history.grid))
        return cls(
            history.labels, history.grid, arrays, firsts, pairs,
            clean_slots=history.clean_slots, hold_slots=history.hold_slots, asked=history.asked,
        )  # fmt: skip

    @property
    def labels(self) -> tuple[LabelSet, ...]:
        """Of the subjects, in the order of their numbers."""
        return self._labels

    @property
    def n_subjects(self) -> int:
        """Number of subjects."""
        return len(self._labels)

    @property
    def grid(self) -> Grid:
        """All slots since the first; the last is the newest."""
        return self._grid

    @property
    def newest(self) -> int:
        """The newest slot."""
        return self._grid.n_steps - 1

    @property
    def oldest_now(self) -> int:
        """The oldest slot that rows can be asked of: the one before the newest."""
        return max(self.newest - 1, 0)

    @property
    def static(self) -> NDArray[np.float32]:
        """What does not change, float32 (n_subjects, 2)."""
        return self._arrays["static"]

    @property
    def systems(self) -> NDArray[np.int64]:
        """Which subjects are peers of each other, int64 (n_subjects,)."""
        return self._arrays["systems"]

    @property
    def asked(self) -> ConfiguredFeatures:
        """Features that the configuration asks for."""
        return self._asked

    @property
    def bytes_per_subject(self) -> int:
        """What the state of one subject takes, pairs left out."""
        return bytes_per_subject(self._arrays)

    @property
    def past(self) -> Past:
        """What rows of features are computed from."""
        if self._past is None:
            self._past = past_of(self._arrays, self._firsts)
        return self._past

    @property
    def n_known(self) -> NDArray[np.int64]:
        """In how many slots each subject was known, int64 (n_subjects,)."""
        bits, before = self._arrays["missing_bits"], self._arrays["missing_before"]
        return self._grid.n_steps - counts_before(bits, before, self._grid.n_steps - self._firsts.missing)

    def recent(self, n_slots: int) -> RecentLoad:
        """The newest slots, of at most two weeks; fewer if there are not so many."""
        begin, end = max(self._grid.n_steps - n_slots, 0), self._grid.n_steps
        arrays, firsts = self._arrays, self._firsts
        is_high, starts = (
            unpacked(arrays[name], begin - firsts.flags, end - firsts.flags) for name in ("high_bits", "start_bits")
        )
        step_ms = self._grid.step_ms
        return RecentLoad(
            self._labels,
            Grid(self._grid.start_ms + begin * step_ms, step_ms, end - begin),
            arrays["load"][:, begin - firsts.load : end - firsts.load].copy(),
            is_high,
            starts,
        )

    def put(
        self,
        slot: int,
        load: NDArray[np.float32],
        others: NDArray[np.float32],
        further: NDArray[np.float32] | None = None,
    ) -> None:
        """Write the newest slot, for the first time or again; slots that are passed over are missing.

        Args:
            slot: number of the slot, counted from the grid's first.
            load: float32 (n_subjects,), on the scale of `LoadHistory`; NaN where there is no sample.
            others: float32 (5, n_subjects), see `OTHERS`; NaN where not known.
            further: float32 (n_metrics, n_subjects), the metrics of configured features; NaN where not known, as all is
                where it is None.

        Raises:
            ValueError: if the slot is older than the newest, or a shape is wrong. Nothing has changed then.
        """
        if slot < self.newest:
            raise ValueError(f"slot {slot} is older than the newest, {self.newest}, and cannot be written any more")
        if load.shape != (self.n_subjects,) or others.shape != (len(OTHERS), self.n_subjects):
            wanted = f"({self.n_subjects},) and ({len(OTHERS)}, {self.n_subjects})"
            raise ValueError(f"load and others have shapes {load.shape} and {others.shape}; {wanted} are needed")
        if further is not None and further.shape != (len(self._asked.metrics), self.n_subjects):
            wanted = f"{(len(self._asked.metrics), self.n_subjects)}"
            raise ValueError(f"further metrics have shape {further.shape}; {wanted} is needed")
        nothing = np.full(self.n_subjects, np.nan, np.float32)
        while self.newest < slot:
            self._open()
            if self.newest < slot:
                self._write(nothing, np.full((len(OTHERS), self.n_subjects), np.nan, np.float32))
        self._arrays["further"][:, :, slot - self._firsts.others] = np.nan if further is None else further
        self._write(load.astype(np.float32, copy=False), others.astype(np.float32, copy=False))

    def follow(
        self, labels: Sequence[LabelSet], static: NDArray[np.float32], systems: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Forget subjects that are not named, and take in new ones, of which nothing was known until now.

        Args:
            labels: of all subjects from now on, each once.
            static: float32 (len(labels), 2).
            systems: int64 (len(labels),).

        Returns:
            int64 (n_subjects,), the place in `labels` of each subject: those that stay come first, in their order.
        """
        place = {each: i for i, each in enumerate(labels)}
        stays = np.array([each in place for each in self._labels], np.bool_)
        new = tuple(each for each in labels if each not in set(self._labels))
        if new or not stays.all():
            arrays = self._arrays if stays.all() else kept(self._arrays, stays)
            if new:
                arrays = joined(
                    arrays, blank(len(new), len(self._asked.metrics), self._firsts.missing, self._grid.n_steps)
                )
            self._arrays = arrays
            self._pairs.keep(stays, len(new))
            self._labels = (*(each for each, stay in zip(self._labels, stays, strict=True) if stay), *new)
            self._new_day = None
        order = np.array([place[each] for each in self._labels], np.int64)
        self._arrays["static"], self._arrays["systems"] = static[order], systems[order]
        self._past = None
        return order

    def day_lags(self, rows: NDArray[np.int64], days: NDArray[np.int64]) -> NDArray[np.float64]:
        """What `find_lags` says at the end of a whole day of the grid, float64 (n_rows, 4); of the last two alone."""
        lags = self._arrays["lags"][rows]
        is_new = days > self._pairs.day
        if is_new.any():
            lags[is_new] = self._day_now(int(days.max()))[1][rows[is_new]]
        return lags

    def pairs(self, day: int) -> Pairs:
        """Which subjects begin together, at the end of a whole day of the grid; of the last two alone."""
        return self._day_now(day)[2] if day > self._pairs.day else self._pairs

    def _open(self) -> None:
        """Let the next slot be the newest."""
        arrays, slot = self._arrays, self._grid.n_steps
        if (slot - 1 + first_of_day(self._grid)) % DAY == 0:
            # The last slot of the day before the newest one will not change any more.
            _, arrays["lags"], self._pairs = self._day_now((slot - 1 + first_of_day(self._grid)) // DAY)
        if slot >= 2:
            at = slot - 2 - self._firsts.load
            settle(arrays["load"], arrays["runs"], at, at + 1, self._clean_slots, self._hold_slots)
        self._firsts = make_room(arrays, self._firsts, slot)
        self._grid = Grid(self._grid.start_ms, self._grid.step_ms, slot + 1)

    def _write(self, load: NDArray[np.float32], others: NDArray[np.float32]) -> None:
        a, firsts = self._arrays, self._firsts
        write_slot(
            load, others, self.newest, self._clean_slots, self._hold_slots, np.array(JUMP_LIMITS),
            a["load"], firsts.load, a["others"], firsts.others,
            a["missing_bits"], a["missing_before"], firsts.missing,
            a["high_bits"], a["high_before"], a["start_bits"], a["start_before"], firsts.flags,
            a["events"], a["n_events"], a["runs"], a["is_filled"],
            a["week_values"], a["week_known"], a["week_newest"],
        )  # fmt: skip
        self._new_day = self._past = None

    def _day_now(self, day: int) -> tuple[int, NDArray[np.float64], Pairs]:
        """Lags and pairs at the end of a day, from what is known of it now."""
        if self._new_day is None or self._new_day[0] != day:
            end = day * DAY - first_of_day(self._grid)
            begin, first = max(end - SPAN, 0), self._firsts.load
            starts = unpacked(self._arrays["start_bits"], begin - self._firsts.flags, end - self._firsts.flags)
            lags = find_lags(self._arrays["load"][:, begin - first : end - first], starts)
            pairs = self._pairs.copy()
            pairs.count_until(day, self.past.starts, self.systems, first_of_day(self._grid))
            self._new_day = day, lags, pairs
        return self._new_day
