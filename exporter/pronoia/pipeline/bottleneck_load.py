"""One resource's load, kept from round to round: each round adds its newest slots to live state."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.live import LiveLoad
from pronoia.features.slots import DAY, WINDOWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.recent import RecentLoad
    from pronoia.pipeline.bottleneck_input import Observed

# What is looked back at to judge what was said: twice the longest window, as rounds may have been missed.
_RECENT_SLOTS = 2 * WINDOWS[-1].last + 8


@dataclass(frozen=True, slots=True, eq=False)
class RiskInput:
    """What the classifiers are asked about.

    Args:
        load: of all subjects; changes with the next round.
        recent: its newest slots.
        rows: int64 (n_asked,), those that can be spoken of.
        slots: int64 (n_asked,), the newest known slot of each, which is "now".
        skipped: how many cannot, by reason: `stale` (no sample in this slot or the one before), `too_short` (less is
            known than must have been clean before an overload counts).
    """

    load: LiveLoad
    recent: RecentLoad
    rows: NDArray[np.int64]
    slots: NDArray[np.int64]
    skipped: Counter[str]

    @property
    def recent_slots(self) -> NDArray[np.int64]:
        """The same slots, counted from the first of `recent`."""
        return self.slots - (self.load.grid.n_steps - self.recent.grid.n_steps)


class BottleneckLoad:
    """Live state of one resource. Not to be shared by threads.

    It is made from the whole history at first, once a day (so that it forgets what the history does, and sees what came
    late), after a day without a round, when the clock was set back, and when a series comes that has a past. Between, a
    round costs the newest slots alone.

    A slot is begun when half of the subjects have a sample in it, or the next one has come: until then the one before
    may get samples that come late.
    """

    def __init__(self) -> None:
        self._load: LiveLoad | None = None
        self._made_in_slot = 0

    def advance(self, observed: Observed) -> RiskInput:
        """Add what has come since the last round.

        Raises:
            NoSeries: if no series has a sample.
        """
        load = self._load
        if load is None or self._is_outdated(load, observed):
            load = self._load = LiveLoad.of(observed.whole())
            self._made_in_slot = observed.slot_now
        else:
            _add(load, observed)
        return _asked(load, observed)

    def _is_outdated(self, load: LiveLoad, observed: Observed) -> bool:
        newest = _number(load, load.newest)
        is_usual = newest <= observed.slot_now < min(newest, self._made_in_slot) + DAY
        return not is_usual or _has_newcomer_with_past(load, observed)


def recently_clean(recent: RecentLoad, rows: NDArray[np.int64], slots: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    """Whether an overload that begins next would count: the last `n` slots are known and were all below."""
    clean = np.isfinite(recent.load) & ~recent.is_high
    result = slots + 1 >= n
    for back in range(n):
        result &= clean[rows, np.maximum(slots - back, 0)]
    return result


def _has_newcomer_with_past(load: LiveLoad, observed: Observed) -> bool:
    if observed.labels == load.labels:
        return False
    known = set(load.labels)
    new = np.array([i for i, each in enumerate(observed.labels) if each not in known], np.int64)
    if not len(new):
        return False
    # Samples of the newest slot are yet to be put, and those of the one before are soon no matter.
    since_ms = load.grid.end_ms - load.grid.step_ms
    return bool((observed.utilisation.take(new).first_sample_ms() <= since_ms).any())


def _add(load: LiveLoad, observed: Observed) -> None:
    order = np.arange(load.n_subjects)
    if observed.labels != load.labels:
        order = load.follow(observed.labels, *observed.unchanging())
    first = load.newest
    n_slots = observed.slot_now - _number(load, first) + 1
    slots = observed.on_slots(_number(load, first), n_slots)
    values, others, further = slots.load[order], slots.others[:, order], slots.further[:, order]
    for at in range(n_slots):
        is_last = 0 < at == n_slots - 1
        if is_last and 2 * np.isfinite(values[:, at]).sum() < np.isfinite(values[:, at - 1]).sum():
            break
        load.put(first + at, *(np.ascontiguousarray(each[..., at]) for each in (values, others, further)))


def _asked(load: LiveLoad, observed: Observed) -> RiskInput:
    recent = load.recent(_RECENT_SLOTS)
    known = np.isfinite(recent.load)
    rows = np.arange(load.n_subjects)
    # "Now" is the newest slot that is known, if it is this one or the one before.
    slots = np.where(known[:, -1], load.newest, load.oldest_now)
    is_known = known[rows, slots - load.grid.n_steps]
    is_fresh = is_known & (slots >= observed.slot_now - 1 - _number(load, 0))
    is_long = load.n_known >= observed.resource.clean_slots
    skipped = Counter({"stale": int((~is_fresh).sum()), "too_short": int((is_fresh & ~is_long).sum())})
    asked = np.flatnonzero(is_fresh & is_long)
    return RiskInput(load, recent, asked, slots[asked], +skipped)


def _number(load: LiveLoad, slot: int) -> int:
    """Of a slot of the load, since the epoch."""
    return load.grid.start_ms // load.grid.step_ms + slot
