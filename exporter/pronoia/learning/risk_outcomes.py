"""Probabilities of overloads, remembered until what they spoke of is over, then compared with what came."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.slots import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pronoia.features.recent import RecentLoad
    from pronoia.series import LabelSet


@dataclass(frozen=True, slots=True, eq=False)
class IssuedRisks:
    """What was said in one slot of n_subjects subjects; targets are `state` and `onset`, windows those of `WINDOWS`.

    Args:
        slot: number of the slot since the epoch.
        labels: the subjects.
        hazard: float64 (n_subjects, 2, n_windows), as the classifiers said it, before any correction.
        within: float64 (n_subjects, 2, n_windows), as shown: the probability until the end of each window.
        is_clean: bool (n_subjects,), whether the onset has a meaning.
    """

    slot: int
    labels: tuple[LabelSet, ...]
    hazard: NDArray[np.float64]
    within: NDArray[np.float64]
    is_clean: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class MaturedRisks:
    """What one window of one issue came to, of the subjects of which all that it takes is known.

    Args:
        window: number of the window.
        target: number of the target.
        hazard: float64 (n_rows,), said of the window.
        happened: bool (n_rows,), whether it happened in it.
        at_risk: bool (n_rows,), whether it had not happened before it: only of those a hazard speaks.
        within: float64 (n_rows,), shown for the time until its end.
        happened_within: bool (n_rows,), whether it happened until its end.
    """

    window: int
    target: int
    hazard: NDArray[np.float64]
    happened: NDArray[np.bool_]
    at_risk: NDArray[np.bool_]
    within: NDArray[np.float64]
    happened_within: NDArray[np.bool_]


class RiskLog:
    """Keeps the first issue of each slot for as long as its last window takes. Not to be shared by threads."""

    def __init__(self) -> None:
        self._issued: deque[IssuedRisks] = deque(maxlen=WINDOWS[-1].last + 2)
        self._matured_until = 0

    def remember(self, issued: IssuedRisks) -> None:
        """Keep an issue, unless there is one of its slot; one of an earlier slot says that the clock was set back."""
        if self._issued and issued.slot <= self._issued[-1].slot:
            if issued.slot < self._issued[-1].slot - 1:
                self._issued.clear()
            return
        self._issued.append(issued)

    def matured(self, recent: RecentLoad) -> Iterator[MaturedRisks]:
        """What has come due since the last call; the last slot is under way and not looked at.

        Args:
            recent: of the resource, up to now.
        """
        first = recent.grid.start_ms // recent.grid.step_ms
        complete = first + recent.grid.n_steps - 2
        self._matured_until = min(self._matured_until, complete)
        row_of = {labels: row for row, labels in enumerate(recent.labels)}
        for issued in self._issued:
            for number, window in enumerate(WINDOWS):
                if self._matured_until < issued.slot + window.last <= complete and issued.slot >= first:
                    yield from _compared(issued, number, recent, issued.slot - first, row_of)
        self._matured_until = complete

    def leads(self, recent: RecentLoad, warning: float, window: int) -> list[int]:
        """For each overload that began in the last complete slot, how many slots in a row before it were warned of it.

        Args:
            recent: of the resource, up to now.
            warning: probability from which an issue warns.
            window: until the end of which of `WINDOWS`.
        """
        first = recent.grid.start_ms // recent.grid.step_ms
        at = recent.grid.n_steps - 2
        if at < 0:
            return []
        rows = np.flatnonzero(recent.starts[:, at])
        return [self._lead(recent.labels[row], first + at, warning, window) for row in rows]

    def _lead(self, labels: LabelSet, slot: int, warning: float, window: int) -> int:
        lead = 0
        for issued in reversed(self._issued):
            if issued.slot >= slot:
                continue
            if issued.slot != slot - lead - 1 or labels not in issued.labels:
                break
            if not issued.within[issued.labels.index(labels), :, window].max() >= warning:
                break
            lead += 1
        return lead


def _compared(
    issued: IssuedRisks, number: int, recent: RecentLoad, slot: int, row_of: dict[LabelSet, int]
) -> Iterator[MaturedRisks]:
    window = WINDOWS[number]
    places = [(i, row_of[labels]) for i, labels in enumerate(issued.labels) if labels in row_of]
    if not places:
        return
    said, rows = (np.array(column) for column in zip(*places, strict=True))
    ahead = slice(slot + 1, slot + window.last + 1)
    known = np.isfinite(recent.load[rows, ahead]).all(axis=1)
    for target, flags in enumerate((recent.is_high, recent.starts)):
        kept = known & (issued.is_clean[said] if target else True)
        of, who = said[kept], rows[kept]
        before = np.asarray(flags[who, slot + 1 : slot + window.first].any(axis=1), dtype=np.bool_)
        inside = np.asarray(flags[who, slot + window.first : slot + window.last + 1].any(axis=1), dtype=np.bool_)
        yield MaturedRisks(
            number,
            target,
            issued.hazard[of, target, number],
            inside,
            ~before,
            issued.within[of, target, number],
            inside | before,
        )
