"""One compiled pass over an answer: what it keeps, where samples go, how far it got.

Answers are walked twice by the same code: first to check and count, then, within limits and into arrays of the right
size, to decode. Both response types share this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.series import TimeRange

# Columns of `Walk.entries`: where a series message's labels start and end in the body, the number of samples kept
# up to its end, and 1 if its own timestamps do not increase strictly.
LABELS_START, LABELS_END, SAMPLES_END, FALLS = 0, 1, 2, 3
ENTRY_COLUMNS = 4
ENTRY_BYTES = 8 * ENTRY_COLUMNS

# Slots of `Walk.progress`.
N_ENTRIES, N_SAMPLES, N_HISTOGRAMS, FAULT, OFFSET, DETAIL = 0, 1, 2, 3, 4, 5
PROGRESS_SLOTS = 6


class Walk(NamedTuple):
    """The arguments and results of one pass.

    Args:
        first_ms: samples before this are left out.
        last_ms: samples after this are left out.
        entries: int64 (n_entries, ENTRY_COLUMNS), one row per series message; no rows when only counting.
        timestamps_ms: int64 (n_samples + 1,), filled from the start; the last element is room to write a sample
            before it is known to lie in the range.
        value_bits: uint64 (n_samples + 1,), the values' bits.
        progress: int64 (PROGRESS_SLOTS,), the counts so far, and the fault that ended the pass.
    """

    first_ms: int
    last_ms: int
    entries: NDArray[np.int64]
    timestamps_ms: NDArray[np.int64]
    value_bits: NDArray[np.uint64]
    progress: NDArray[np.int64]

    @classmethod
    def over(cls, time_range: TimeRange, n_entries: int = 0, n_samples: int = 0) -> Walk:
        """A pass that has room for this much; none to only count."""
        return cls(
            time_range.start_ms,
            time_range.end_ms,
            np.empty((n_entries, ENTRY_COLUMNS), np.int64),
            np.empty(n_samples + 1, np.int64),
            np.empty(n_samples + 1, np.uint64),
            np.zeros(PROGRESS_SLOTS, np.int64),
        )


@compiled
def fail(walk: Walk, fault: int, offset: int, detail: int) -> bool:
    """Note why and where the pass ends; a fault noted before stays. Always False, for the caller to return."""
    if walk.progress[FAULT] == 0:
        walk.progress[FAULT] = fault
        walk.progress[OFFSET] = offset
        walk.progress[DETAIL] = detail
    return False


@compiled
def keep(walk: Walk, at: int, timestamp_ms: int, value_bits: np.uint64) -> int:
    """Store a sample as number `at`; returns the next number, which is `at` again if it lies outside the range."""
    walk.timestamps_ms[at] = timestamp_ms
    walk.value_bits[at] = value_bits
    return at + (walk.first_ms <= timestamp_ms <= walk.last_ms)


@compiled
def end_entry(walk: Walk, labels_start: int, labels_end: int, first_sample: int) -> None:
    """Count a series message that has been walked, and when decoding describe it."""
    number = walk.progress[N_ENTRIES]
    walk.progress[N_ENTRIES] += 1
    if len(walk.entries) == 0:
        return
    end = walk.progress[N_SAMPLES]
    walk.entries[number, LABELS_START] = labels_start
    walk.entries[number, LABELS_END] = labels_end
    walk.entries[number, SAMPLES_END] = end
    walk.entries[number, FALLS] = falls(walk.timestamps_ms, first_sample, end)


@compiled
def falls(timestamps_ms: NDArray[np.int64], start: int, end: int) -> bool:
    """Whether `timestamps_ms[start:end]` fails to increase strictly."""
    n_falls = 0
    for i in range(start + 1, end):
        n_falls += timestamps_ms[i] <= timestamps_ms[i - 1]
    return n_falls > 0
