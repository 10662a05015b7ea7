"""The arrays of live state: as many bytes per subject however long it lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pronoia.features.day_lags import SPAN
from pronoia.features.events import Events
from pronoia.features.flags import WORD, Flags
from pronoia.features.live_slot import settle
from pronoia.features.load import OTHERS
from pronoia.features.past import REMEMBERED, Past
from pronoia.features.slots import DAY
from pronoia.features.sorted_week import SortedWeek
from pronoia.features.triggers import CASES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory

    #: By name; the subjects lie along `axis_of` it.
    Arrays = dict[str, NDArray[Any]]

#: How many newest slots features look at: two weeks for the period, found up to two slots late; a day; 4,000 of being
#: up; and single overloads.
LOAD_SLOTS, OTHERS_SLOTS, MISSING_SLOTS, FLAG_SLOTS = SPAN + 4, DAY + 8, 4_096, REMEMBERED
#: Room for so many more, so that what is kept is moved rarely.
SPARE_SLOTS, SPARE_WORDS, SPARE_EVENTS = 96, 8, 24
#: The overloads that began, and the jumps of the load and each other metric.
N_EVENTS = 2 + len(OTHERS)
# All that may have happened within the longest window and need not count yet, and the newest that count.
_EVENTS = DAY + 8 + CASES + SPARE_EVENTS


def axis_of(name: str) -> int:
    """Along which axis of an array the subjects lie."""
    return 1 if name in ("others", "further") else 0


def blank(n_subjects: int, n_further: int = 0, missing_first: int = 0, n_missing: int = 0) -> Arrays:
    """Arrays of subjects of which nothing was ever known.

    Args:
        n_subjects: how many.
        n_further: metrics of configured features.
        missing_first: slot of the first bit of `missing_bits`.
        n_missing: slots that have passed, at all of which they were missing.
    """
    week = SortedWeek.of(n_subjects)
    missing_words = MISSING_SLOTS // WORD + 1 + SPARE_WORDS
    flag_shape = (n_subjects, FLAG_SLOTS // WORD + 1 + SPARE_WORDS)
    past = np.clip(n_missing - missing_first - WORD * np.arange(missing_words), 0, WORD)
    ones = np.array([-1 if n == WORD else (1 << n) - 1 for n in past.tolist()], np.int64)
    before = np.minimum(missing_first + WORD * np.arange(missing_words), n_missing)
    return {
        "static": np.full((n_subjects, 2), np.nan, np.float32),
        "systems": np.zeros(n_subjects, np.int64),
        "load": np.full((n_subjects, LOAD_SLOTS + SPARE_SLOTS), np.nan, np.float32),
        "others": np.full((len(OTHERS), n_subjects, OTHERS_SLOTS + SPARE_SLOTS), np.nan, np.float32),
        "further": np.full((n_further, n_subjects, OTHERS_SLOTS + SPARE_SLOTS), np.nan, np.float32),
        "missing_bits": np.tile(ones, (n_subjects, 1)),
        "missing_before": np.tile(before.astype(np.int32), (n_subjects, 1)),
        "high_bits": np.zeros(flag_shape, np.int64),
        "high_before": np.zeros(flag_shape, np.int32),
        "start_bits": np.zeros(flag_shape, np.int64),
        "start_before": np.zeros(flag_shape, np.int32),
        "events": np.zeros((n_subjects, N_EVENTS, _EVENTS), np.int32),
        "n_events": np.zeros((n_subjects, N_EVENTS), np.int64),
        # Slots above the threshold in a row, and known and not overloaded in a row, before the newest two.
        "runs": np.zeros((n_subjects, 2), np.int64),
        "is_filled": np.zeros(n_subjects, np.bool_),
        "lags": np.full((n_subjects, 4), np.nan),
        "week_values": week.values,
        "week_known": week.n_known,
        "week_newest": week.newest,
    }


def joined(arrays: Arrays, more: Arrays) -> Arrays:
    """The subjects of both."""
    return {name: np.concatenate([array, more[name]], axis=axis_of(name)) for name, array in arrays.items()}


def kept(arrays: Arrays, which: NDArray[np.bool_]) -> Arrays:
    """Some of the subjects."""
    return {name: np.compress(which, array, axis=axis_of(name)) for name, array in arrays.items()}


def bytes_per_subject(arrays: Mapping[str, NDArray[Any]]) -> int:
    """What each subject takes."""
    return sum(array.nbytes for array in arrays.values()) // max(len(arrays["systems"]), 1)


class Firsts(NamedTuple):
    """The slot that each array begins with."""

    load: int
    others: int
    missing: int
    flags: int


def firsts_of(n_slots: int) -> Firsts:
    """What is kept of so many slots."""
    return Firsts(
        load=max(n_slots - LOAD_SLOTS, 0),
        others=max(n_slots - OTHERS_SLOTS, 0),
        missing=max(n_slots - MISSING_SLOTS, 0) // WORD * WORD,
        flags=max(n_slots - FLAG_SLOTS, 0) // WORD * WORD,
    )


def arrays_of(history: LoadHistory, firsts: Firsts) -> Arrays:
    """What is kept of a history; `lags` are left to be found."""
    n_slots, past = history.grid.n_steps, history.past
    arrays = blank(history.n_subjects, len(past.further))
    arrays["static"], arrays["systems"] = history.static.copy(), history.systems.copy()
    arrays["load"][:, : n_slots - firsts.load] = history.load[:, firsts.load :]
    arrays["others"][:, :, : n_slots - firsts.others] = history.others[:, :, firsts.others :]
    arrays["further"][:, :, : n_slots - firsts.others] = past.further[:, :, firsts.others :]
    for name, flags, first in (
        ("missing", past.missing, firsts.missing),
        ("high", past.high, firsts.flags),
        ("start", past.starts, firsts.flags),
    ):
        for part, words in (("bits", flags.bits), ("before", flags.before)):
            kept_words = words[:, first // WORD :]
            arrays[f"{name}_{part}"][:] = 0
            arrays[f"{name}_{part}"][:, : kept_words.shape[1]] = kept_words
    most = arrays["events"].shape[2] - SPARE_EVENTS
    for kind, events in enumerate((past.start_slots, *past.jump_slots)):
        for row, (begin, end) in enumerate(zip(events.begins.tolist(), events.ends.tolist(), strict=True)):
            slots = events.slots[max(begin, end - most) : end]
            arrays["events"][row, kind, : len(slots)] = slots
            arrays["n_events"][row, kind] = len(slots)
    settle(history.load, arrays["runs"], 0, n_slots - 2, history.clean_slots, history.hold_slots)
    return arrays


def make_room(arrays: Arrays, firsts: Firsts, slot: int) -> Firsts:
    """Let every array hold a slot, the next after the newest, of which nothing is known yet."""
    load, others = arrays["load"], arrays["others"]
    first_load, first_others, first_missing, first_flags = firsts
    if slot - first_load == load.shape[1]:
        _drop(load, SPARE_SLOTS, np.nan)
        first_load += SPARE_SLOTS
    if slot - first_others == others.shape[2]:
        _drop(others, SPARE_SLOTS, np.nan)
        _drop(arrays["further"], SPARE_SLOTS, np.nan)
        first_others += SPARE_SLOTS
    # One word more than the slot's own tells how many were set until its end.
    if (slot - first_missing) // WORD + 2 > arrays["missing_bits"].shape[1]:
        _drop(arrays["missing_bits"], SPARE_WORDS, 0)
        _drop(arrays["missing_before"], SPARE_WORDS, 0)
        first_missing += SPARE_WORDS * WORD
    if (slot - first_flags) // WORD + 2 > arrays["high_bits"].shape[1]:
        for name in ("high_bits", "high_before", "start_bits", "start_before"):
            _drop(arrays[name], SPARE_WORDS, 0)
        first_flags += SPARE_WORDS * WORD
    events, n_events = arrays["events"], arrays["n_events"]
    full = n_events > events.shape[2] - 2
    newest = events[full]
    _drop(newest, SPARE_EVENTS, 0)
    events[full] = newest
    n_events[full] -= SPARE_EVENTS
    arrays["is_filled"][:] = False
    return Firsts(first_load, first_others, first_missing, first_flags)


def past_of(arrays: Arrays, firsts: Firsts) -> Past:
    """What rows of features are computed from."""
    n_subjects, n_kinds, most = arrays["events"].shape
    slots = arrays["events"].reshape(-1)
    begins = np.arange(n_subjects * n_kinds).reshape(n_subjects, n_kinds) * most
    ends = begins + arrays["n_events"]
    starts, *jumps = (Events(slots, begins[:, kind].copy(), ends[:, kind].copy()) for kind in range(n_kinds))
    return Past(
        load=arrays["load"],
        load_first=firsts.load,
        others=arrays["others"],
        others_first=firsts.others,
        further=arrays["further"],
        further_first=firsts.others,
        missing=Flags(arrays["missing_bits"], arrays["missing_before"], firsts.missing),
        high=Flags(arrays["high_bits"], arrays["high_before"], firsts.flags),
        starts=Flags(arrays["start_bits"], arrays["start_before"], firsts.flags),
        start_slots=starts,
        jump_slots=tuple(jumps),
        week=SortedWeek(arrays["week_values"], arrays["week_known"], arrays["week_newest"]),
    )


def _drop(array: NDArray[Any], n: int, fill: float) -> None:
    """Move the newest values to the front."""
    array[..., :-n] = array[..., n:]
    array[..., -n:] = fill
