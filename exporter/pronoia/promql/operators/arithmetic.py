"""Operators between numbers. Everything follows IEEE 754: division by zero gives an infinity or NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

#: From two float64 that fit each other's shape to float64. `%` has the sign of its left side, as in C and Go.
ARITHMETIC: Mapping[str, Callable[[NDArray[np.float64], NDArray[np.float64]], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
}

#: To bool; with NaN on either side only `!=` is true.
COMPARISONS: Mapping[str, Callable[[NDArray[np.float64], NDArray[np.float64]], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}
