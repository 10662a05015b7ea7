"""FeatureMatrix: one row per subject and slot, named columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features import clock, co_onset, companions, level, past_days, peers, period, recurrence, renewal, triggers
from pronoia.features.configured import configured
from pronoia.features.sequence import SequenceReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast
    from pronoia.features.slots import Window

_GROUPS = (
    (level.NAMES, level.level),
    (past_days.NAMES, past_days.past_days),
    (recurrence.NAMES, recurrence.recurrence),
    (renewal.NAMES, renewal.renewal),
    (period.NAMES, period.period),
    (companions.NAMES, companions.companions),
    (peers.NAMES, peers.peers),
    (co_onset.NAMES, co_onset.co_onset),
    (triggers.NAMES, triggers.triggers),
    (clock.NAMES, clock.clock),
)

#: Columns of every matrix, in order.
FEATURES: tuple[str, ...] = tuple(name for names, _ in _GROUPS for name in names)


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMatrix:
    """What is known at some slots of some subjects.

    Args:
        rows: int64 (n_rows,), numbers of subjects.
        slots: int64 (n_rows,), numbers of slots: nothing after them is looked at.
        values: float32 (n_rows, n_features); NaN where nothing is known.
        sequences: what networks read beside them; None if there is nothing to read from.
        names: of the columns: `FEATURES`, then those that the configuration asks for.
    """

    rows: NDArray[np.int64]
    slots: NDArray[np.int64]
    values: NDArray[np.float32]
    sequences: SequenceReader | None = None
    names: tuple[str, ...] = FEATURES

    def of(self, names: tuple[str, ...]) -> NDArray[np.float32]:
        """The columns of these names, float32 (n_rows, n_names).

        Raises:
            KeyError: if there is none of a name.
        """
        if names == self.names:
            return self.values
        number = {name: at for at, name in enumerate(self.names)}
        return self.values[:, [number[name] for name in names]]

    def take(self, which: NDArray[np.int64]) -> FeatureMatrix:
        """The rows of these numbers, rising."""
        sequences = None if self.sequences is None else self.sequences.take(which)
        return FeatureMatrix(self.rows[which], self.slots[which], self.values[which], sequences, self.names)


def columns_of(history: LoadPast) -> tuple[str, ...]:
    """Names of the columns that `features_at` makes."""
    return FEATURES + history.asked.names


def features_at(history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window) -> FeatureMatrix:
    """Compute the features of a window ahead; training rows and live rows are made by this alone.

    Cost: 5 to 10 microseconds a row where rows of a subject follow each other, twice that for scattered ones (sorting
    a week, a transform per subject and day). Rows in the order of subjects, then slots, are fastest; any order gives
    the same numbers.

    Args:
        history: of all subjects, up to any time.
        rows: int64 (n_rows,), numbers of subjects.
        slots: int64 (n_rows,), the slot that is "now".
        window: what is to be predicted.

    Raises:
        ValueError: if a slot or a row is outside the history.
    """
    if len(rows) and not (slots.min() >= history.oldest_now and slots.max() < history.grid.n_steps):
        raise ValueError(
            f"slots {slots.min()} .. {slots.max()} of a history of {history.grid.n_steps}, from {history.oldest_now} on"
        )
    if len(rows) and not (rows.min() >= 0 and rows.max() < history.n_subjects):
        raise ValueError(f"rows {rows.min()} .. {rows.max()} of a history of {history.n_subjects} subjects")
    names = columns_of(history)
    if not len(rows):
        return FeatureMatrix(rows, slots, np.empty((0, len(names)), np.float32), SequenceReader(()), names)
    values = np.hstack([compute(history, rows, slots, window) for _, compute in _GROUPS])
    if history.asked.names:
        values = np.hstack([values, configured(history, rows, slots, history.asked)])
    return FeatureMatrix(rows, slots, values, SequenceReader(((history, rows, slots),)), names)
