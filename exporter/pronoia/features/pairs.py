"""Pairs: which subjects' overloads begin together, counted day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.slots import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.flags import Flags

# Overloads begin together where the other's began in the same slot or in the four before.
_TOGETHER_SLOTS = 4
# Per day: half of the weight after three weeks.
_DECAY = 0.97
_LEAST_WEIGHT = 0.1


class Pairs:
    """Weights of subjects for each other at the end of a day.

    A pair's weight is its decayed number of joint beginnings, over sqrt(product of each one's own + 1); weights below
    0.1 are dropped. Memory: 8 bytes times the square of the number of subjects that were ever overloaded.

    Args:
        n_subjects: of all.
    """

    def __init__(self, n_subjects: int) -> None:
        self.day = 0
        self._active = np.empty(0, np.int64)
        # Counted with weights that grow by the day, which is the same as letting what was counted shrink.
        self._joint, self._own = np.zeros((0, 0)), np.zeros(0)
        #: Peers of subject i and their weights: those from `begins[i]` up to `begins[i + 1]`.
        self.begins = np.zeros(n_subjects + 1, np.int64)
        self.peers, self.weights = np.empty(0, np.int64), np.empty(0)

    def count_until(self, day: int, starts: Flags, systems: NDArray[np.int64], first_of_day: int) -> None:
        """Count whole days up to, not including, this one.

        Args:
            day: of the grid.
            starts: where overloads begin; must hold the days that are not counted yet, and four slots before them.
            systems: int64 (n_subjects,), only subjects of one number are paired.
            first_of_day: how many slots of its day had passed when the grid began.
        """
        if day <= self.day:
            return
        begin = max(self.day * DAY - first_of_day, 0)
        when, who = _begun(starts.bits, starts.first, max(begin - _TOGETHER_SLOTS, 0), max(day * DAY - first_of_day, 0))
        order = np.lexsort((who, when))
        when, who = when[order], who[order]
        self._admit(np.setdiff1d(who[when >= begin], self._active), len(systems))
        place = np.full(len(systems), -1)
        place[self._active] = np.arange(len(self._active))
        _count(when, who, begin, first_of_day, systems, place, self._joint, self._own)
        self.day = day
        self._weigh()

    def keep(self, kept: NDArray[np.bool_], n_new: int = 0) -> None:
        """Forget subjects, and make room for new ones after those that stay."""
        number = np.cumsum(kept) - 1
        stays = kept[self._active]
        self._active = number[self._active[stays]]
        self._joint, self._own = self._joint[np.ix_(stays, stays)], self._own[stays]
        self.begins = np.zeros(int(kept.sum()) + n_new + 1, np.int64)
        self._weigh()

    def copy(self) -> Pairs:
        """The same, to count on without changing these."""
        copied = Pairs(len(self.begins) - 1)
        copied.day, copied._active = self.day, self._active
        copied._joint, copied._own = self._joint.copy(), self._own.copy()
        copied.begins, copied.peers, copied.weights = self.begins, self.peers, self.weights
        return copied

    def _admit(self, new: NDArray[np.int64], n_subjects: int) -> None:
        self.begins = np.zeros(n_subjects + 1, np.int64)
        self._active = np.append(self._active, new)
        self._joint = np.pad(self._joint, (0, len(new)))
        self._own = np.pad(self._own, (0, len(new)))

    def _weigh(self) -> None:
        """Peers and weights of each subject, from what was counted."""
        scale = _DECAY**self.day
        own = self._own * scale
        weights = self._joint * scale
        weights /= np.sqrt(own[:, None] * own + 1.0)
        mine, peers = np.nonzero(weights >= _LEAST_WEIGHT)
        subjects = self._active[mine]
        order = np.argsort(subjects, kind="stable")
        self.peers, self.weights = self._active[peers][order], weights[mine, peers][order]
        self.begins[:] = np.searchsorted(subjects[order], np.arange(len(self.begins)))


@compiled
def _begun(
    bits: NDArray[np.int64], bits_first: int, begin: int, end: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Slots and subjects of all flags at slots begin .. end - 1."""
    n = 0
    when, who = np.empty(64, np.int64), np.empty(64, np.int64)
    for row in range(len(bits)):
        for word in range((begin - bits_first) >> 6, ((max(end, begin + 1) - 1 - bits_first) >> 6) + 1):
            if not bits[row, word]:
                continue
            for bit in range(64):
                slot = bits_first + 64 * word + bit
                if begin <= slot < end and (bits[row, word] >> np.int64(bit)) & 1:
                    if n == len(when):
                        when, who = np.append(when, np.empty_like(when)), np.append(who, np.empty_like(who))
                    when[n], who[n] = slot, row
                    n += 1
    return when[:n], who[:n]


@compiled
def _count(
    when: NDArray[np.int64],
    who: NDArray[np.int64],
    begin: int,
    first_of_day: int,
    systems: NDArray[np.int64],
    place: NDArray[np.int64],
    joint: NDArray[np.float64],
    own: NDArray[np.float64],
) -> None:
    """Add the overloads that began from `begin` on to what was counted; those before are there to be paired with."""
    for event in range(len(when)):
        if when[event] < begin:
            continue
        me = who[event]
        weight = _DECAY ** -((when[event] + first_of_day) // DAY)
        own[place[me]] += weight
        other = event - 1
        while other >= 0 and when[other] >= when[event] - _TOGETHER_SLOTS:
            if who[other] != me and systems[who[other]] == systems[me] and place[who[other]] >= 0:
                joint[place[me], place[who[other]]] += weight
            other -= 1
        other = event + 1
        while other < len(when) and when[other] == when[event]:
            if systems[who[other]] == systems[me]:
                joint[place[me], place[who[other]]] += weight
            other += 1
