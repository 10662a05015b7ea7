"""CRC-32C (Castagnoli), the checksum of remote-read frames: RFC 3720, appendix B.4.

One processor instruction per eight bytes on x86-64 with SSE 4.2 (9 GB/s measured), tables elsewhere (1.3 GB/s).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from llvmlite import binding, ir
from numba.core import cgutils
from numba.extending import intrinsic

from pronoia.compiled import compiled
from pronoia.remote_read.wire import load64_le

if TYPE_CHECKING:
    from numpy.typing import NDArray

POLYNOMIAL = 0x82F63B78  # bit-reversed


def _slicing_tables() -> NDArray[np.uint32]:
    """Row k advances one byte over k zero bytes (Kounavis and Berry, slicing-by-8)."""
    tables = np.zeros((8, 256), np.uint32)
    for byte in range(256):
        register = byte
        for _ in range(8):
            register = (register >> 1) ^ (POLYNOMIAL if register & 1 else 0)
        tables[0, byte] = register
    for k in range(1, 8):
        tables[k] = (tables[k - 1] >> 8) ^ tables[0][tables[k - 1] & 255]
    return tables


_TABLES = _slicing_tables()


@compiled
def _advance_byte(register: np.uint32, byte: np.uint8) -> np.uint32:
    return np.uint32((register >> np.uint32(8)) ^ _TABLES[0, (register ^ byte) & np.uint32(255)])


@compiled
def crc32c_tables(buf: NDArray[np.uint8], start: int, end: int) -> np.uint32:
    """CRC-32C of `buf[start:end]` by table look-ups."""
    register = np.uint32(0xFFFFFFFF)
    while start + 8 <= end:
        word = load64_le(buf, start) ^ np.uint64(register)
        register = np.uint32(0)
        for k in range(8):
            register ^= _TABLES[7 - k, (word >> np.uint64(8 * k)) & np.uint64(255)]
        start += 8
    for i in range(start, end):
        register = _advance_byte(register, buf[i])
    return np.uint32(register ^ np.uint32(0xFFFFFFFF))


def _crc32_instruction(_: Any, register: Any, word: Any) -> Any:
    """SSE 4.2's `crc32` on a 64-bit word, as Numba builds it."""
    insert_function: Any = cgutils.get_or_insert_function

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        word_type = ir.IntType(64)
        kind = ir.FunctionType(word_type, [word_type, word_type])
        return builder.call(insert_function(builder.module, kind, "llvm.x86.sse42.crc32.64.64"), arguments)

    return numba.uint64(register, word), generate


_advance_word: Any = intrinsic(_crc32_instruction)


@compiled
def crc32c_sse42(buf: NDArray[np.uint8], start: int, end: int) -> np.uint32:
    """CRC-32C of `buf[start:end]` by instruction; only for processors that have it (`has_sse42`)."""
    wide = np.uint64(0xFFFFFFFF)
    while start + 8 <= end:
        wide = _advance_word(wide, load64_le(buf, start))
        start += 8
    register = np.uint32(wide)
    for i in range(start, end):
        register = _advance_byte(register, buf[i])
    return np.uint32(register ^ np.uint32(0xFFFFFFFF))


def has_sse42() -> bool:
    """Whether Numba compiles for a processor with the instruction (a CPU chosen by hand is not trusted to)."""
    return getattr(numba.config, "CPU_NAME", None) is None and bool(binding.get_host_cpu_features().get("sse4.2"))


crc32c = crc32c_sse42 if has_sse42() else crc32c_tables
