"""Flags: one bit per subject and slot, counted over any span in constant time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: Slots per word.
WORD = 64


@dataclass(frozen=True, slots=True, eq=False)
class Flags:
    """Bits, and how many were set before each word: 12 bytes per 64 slots.

    Args:
        bits: int64 (n_subjects, n_words); bit b of word w is slot `first + 64 w + b`.
        before: int32 (n_subjects, n_words), how many were set before each word, those before `first` included.
        first: slot of the first bit, a multiple of 64.
    """

    bits: NDArray[np.int64]
    before: NDArray[np.int32]
    first: int = 0

    @staticmethod
    def of(flags: NDArray[np.bool_]) -> Flags:
        """Pack bool (n_subjects, n_slots).

        >>> flags = Flags.of(np.array([[False, True, True]]))
        >>> [int(count_before(flags.bits[0], flags.before[0], slot)) for slot in range(4)]
        [0, 0, 1, 2]
        """
        bits = np.zeros((len(flags), flags.shape[1] // WORD + 1), np.int64)
        before = np.zeros(bits.shape, np.int32)
        _pack(flags, bits, before)
        return Flags(bits, before)


# Each is one instruction of the processor, which Numba has no function for.
@cast("Callable[[Any], Callable[[np.int64], int]]", intrinsic)
def _n_ones(_context: Any, _word: Any) -> Any:
    return types.int64(types.int64), lambda _c, builder, _s, words: builder.ctpop(words[0])


@cast("Callable[[Any], Callable[[np.int64], int]]", intrinsic)
def _n_leading_zeros(_context: Any, _word: Any) -> Any:
    of_zero = ir.Constant(ir.IntType(1), 0)
    return types.int64(types.int64), lambda _c, builder, _s, words: builder.ctlz(words[0], of_zero)


@compiled
def count_before(bits: NDArray[np.int64], before: NDArray[np.int32], slot: int) -> int:
    """How many flags of one subject were ever set before a slot, which is counted from `first`."""
    word = slot >> 6
    return int(before[word] + _n_ones(bits[word] & ((np.int64(1) << np.int64(slot & 63)) - 1)))


@compiled
def counts_before(bits: NDArray[np.int64], before: NDArray[np.int32], slot: int) -> NDArray[np.int64]:
    """How many flags of each subject were ever set before a slot, int64 (n_subjects,)."""
    counts = np.empty(len(bits), np.int64)
    for row in range(len(bits)):
        counts[row] = count_before(bits[row], before[row], slot)
    return counts


@compiled
def any_set(bits: NDArray[np.int64], before: NDArray[np.int32], first: int, last: int, now: int) -> bool:
    """Whether any flag of one subject is set at slots first .. last, none of them before 0 or after now."""
    first, last = max(first, 0), min(last, now)
    if last < first:
        return False
    word = first >> 6
    if word == last >> 6:
        mask = ((np.int64(2) << np.int64(last - first)) - 1) << np.int64(first & 63)
        return bool((bits[word] & mask) != 0)
    return count_before(bits, before, last + 1) > count_before(bits, before, first)


@compiled
def newest_set(bits: NDArray[np.int64], slot: int) -> int:
    """The newest slot up to this one whose flag is set; -1 if there is none."""
    word = slot >> 6
    known = bits[word] << np.int64(63 - (slot & 63))
    if known:
        return slot - int(_n_leading_zeros(known))
    for earlier in range(word - 1, -1, -1):
        if bits[earlier]:
            return earlier * WORD + 63 - int(_n_leading_zeros(bits[earlier]))
    return -1


@compiled
def unpacked(bits: NDArray[np.int64], begin: int, end: int) -> NDArray[np.bool_]:
    """The flags of all subjects at slots begin .. end - 1, bool (n_subjects, end - begin)."""
    flags = np.zeros((len(bits), end - begin), np.bool_)
    for row in range(len(bits)):
        for slot in range(begin, end):
            flags[row, slot - begin] = (bits[row, slot >> 6] >> np.int64(slot & 63)) & 1
    return flags


@compiled
def put_flag(bits: NDArray[np.int64], before: NDArray[np.int32], slot: int, flag: bool) -> None:
    """Set or clear a flag of one subject; none after it may be set. The next word must be there."""
    word, mask = slot >> 6, np.int64(1) << np.int64(slot & 63)
    bits[word] = bits[word] | mask if flag else bits[word] & ~mask
    before[word + 1] = before[word] + _n_ones(bits[word])


@compiled
def _pack(flags: NDArray[np.bool_], bits: NDArray[np.int64], before: NDArray[np.int32]) -> None:
    for row in range(len(flags)):
        n = 0
        for slot in range(flags.shape[1]):
            word = slot >> 6
            if slot & 63 == 0:
                before[row, word] = n
            if flags[row, slot]:
                bits[row, word] |= np.int64(1) << np.int64(slot & 63)
                n += 1
        if flags.shape[1] & 63 == 0:
            before[row, -1] = n
