"""The last four hours of a system, slot by slot, for networks that read sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.features.load import OTHERS
from pronoia.features.slots import DAY, HIGH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast

#: How many slots are read, the last of which is now.
SEQUENCE_SLOTS = 48
#: What is read of each slot.
CHANNELS: tuple[str, ...] = ("load", "is_off", "is_high", *(f"{name}_over_day" for name in OTHERS))

_HIGHEST_LOAD = 1.5
_FURTHEST = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class SequenceReader:
    """The sequences of some rows, made when they are asked for: all at once they would fill the memory.

    Args:
        parts: histories, each with the subjects and slots of its rows, in the order of the rows.
    """

    parts: tuple[tuple[LoadPast, NDArray[np.int64], NDArray[np.int64]], ...]

    def __call__(self, which: NDArray[np.int64]) -> NDArray[np.float32]:
        """Sequences of the rows of these numbers, float32 (n, 48, 8)."""
        out = np.zeros((len(which), SEQUENCE_SLOTS, len(CHANNELS)), np.float32)
        first = 0
        for history, rows, slots in self.parts:
            mine = (which >= first) & (which < first + len(rows))
            out[mine] = sequences_at(history, rows[which[mine] - first], slots[which[mine] - first])
            first += len(rows)
        return out

    def take(self, which: NDArray[np.int64]) -> SequenceReader:
        """A reader of the rows of these numbers, rising."""
        parts, first = [], 0
        for history, rows, slots in self.parts:
            mine = which[(which >= first) & (which < first + len(rows))] - first
            parts.append((history, rows[mine], slots[mine]))
            first += len(rows)
        return SequenceReader(tuple(parts))


def sequences_at(history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.float32]:
    """The load, whether it is off, whether it is high, and the other metrics minus their own mean of a day.

    Cost: three microseconds a row; 1.5 kB a row, so that many rows are best read in pieces.

    Args:
        history: of all subjects.
        rows: int64 (n_rows,), numbers of subjects.
        slots: int64 (n_rows,), the slot that is "now": nothing after it is looked at.

    Returns:
        float32 (n_rows, 48, 8), oldest slot first, channels as in `CHANNELS`; the load is held to 0-1.5 and the others
        to -3..3, and what is not known is 0.
    """
    past = history.past
    return _sequences(past.load, past.others, rows, slots - past.load_first, past.load_first - past.others_first)


@compiled
def _sequences(
    load: NDArray[np.float32],
    others: NDArray[np.float32],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    shift: int,
) -> NDArray[np.float32]:
    n_others = len(others)
    out = np.zeros((len(rows), SEQUENCE_SLOTS, 3 + n_others), np.float32)
    for i in range(len(rows)):
        row, t = rows[i], slots[i]
        oldest = t - SEQUENCE_SLOTS + 1
        for k in range(SEQUENCE_SLOTS):
            at = oldest + k
            if at < 0 or np.isnan(load[row, at]):
                out[i, k, 1] = 1.0
            else:
                out[i, k, 0] = min(max(load[row, at], 0.0), _HIGHEST_LOAD)
                out[i, k, 2] = load[row, at] >= np.float32(HIGH)
        for o in range(n_others):
            total, n = 0.0, 0
            for at in range(max(t + shift - DAY + 1, 0), t + shift + 1):
                if not np.isnan(others[o, row, at]):
                    total += float(others[o, row, at])
                    n += 1
            if not n:
                continue
            mean = total / n
            for k in range(max(-oldest, 0), SEQUENCE_SLOTS):
                value = others[o, row, oldest + k + shift]
                if not np.isnan(value):
                    out[i, k, 3 + o] = min(max(value - mean, -_FURTHEST), _FURTHEST)
    return out
