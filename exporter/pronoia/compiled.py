"""How inner loops are compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile with Numba at the first call, keep the machine code on disk, run without the GIL.

    Signatures are left to the first call, so that importing compiles nothing. Numba adds no bounds checks:
    every index that comes from outside is checked by the code itself. Division by zero gives infinity or NaN, as in
    the servers whose arithmetic is followed, and does not raise.
    """
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """As `compiled`, and copied into compiled callers before they are optimised.

    For what is done for every sample: a call that hands over an array counts references to it, which takes longer than
    reading a few bytes does.
    """
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function))
