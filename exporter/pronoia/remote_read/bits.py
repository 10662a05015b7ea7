"""Reading bits, the most significant first, from a byte array, in compiled code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled, inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray


@inlined
def load64(buf: NDArray[np.uint8], pos: int) -> np.uint64:
    """Eight bytes, big endian; bytes after the end of the buffer read as zero."""
    if pos + 8 > len(buf):
        return _load_end(buf, pos)
    word = np.uint64(0)
    # LLVM makes one load and one byte swap of this.
    at = np.uint64(pos)
    for i in range(8):
        word = (word << np.uint64(8)) | np.uint64(buf[at + np.uint64(i)])
    return word


@compiled
def _load_end(buf: NDArray[np.uint8], pos: int) -> np.uint64:
    word = np.uint64(0)
    for i in range(8):
        word <<= np.uint64(8)
        if pos + i < len(buf):
            word |= np.uint64(buf[pos + i])
    return word


@inlined
def peek_bits(buf: NDArray[np.uint8], bit: int) -> np.uint64:
    """The bits from bit position `bit` on, left-aligned; at least the upper 57 are valid."""
    return load64(buf, bit >> 3) << np.uint64(bit & 7)


@compiled
def peek_bits64(buf: NDArray[np.uint8], bit: int) -> np.uint64:
    """The 64 bits from bit position `bit` on."""
    at = bit >> 3
    word = load64(buf, at) << np.uint64(bit & 7)
    if at + 8 < len(buf):
        word |= np.uint64(buf[np.uint64(at + 8)]) >> np.uint64(8 - (bit & 7))
    return word


@inlined
def read_bits(buf: NDArray[np.uint8], bit: int, width: np.uint64) -> np.uint64:
    """The number in the `width` bits (1 to 64) from bit position `bit` on."""
    # Most values differ in fewer bits than one load yields.
    word = peek_bits(buf, bit) if width <= np.uint64(57) else peek_bits64(buf, bit)
    return word >> (np.uint64(64) - width)
