"""Functions of one value: arithmetic, trigonometry, rounding, clamping."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.promql.vector import Scalar, Vector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray


def _sgn(values: NDArray[np.float64]) -> NDArray[np.float64]:
    # Zeros keep their sign, which numpy's sign() takes away.
    return np.where(values < 0, -1.0, np.where(values > 0, 1.0, values))


def _rad(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values * math.pi / 180


def _deg(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values * 180 / math.pi


#: From float64 of any shape to float64 of that shape; outside of its domain a function gives NaN or an infinity.
ELEMENTWISE: Mapping[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "exp": np.exp,
    "ln": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "sgn": _sgn,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "rad": _rad,
    "deg": _deg,
}


def round_to(vector: Vector, to: Scalar) -> Vector:
    """`round`: the nearest multiple of `to`, ties upwards; NaN where `to` is zero.

    Multiplied by the inverse, as Prometheus does: 0.29 to 0.01 gives 0.29 then, and not 0.29000000000000004.
    """
    inverse = 1.0 / to.values
    return vector.with_values(np.floor(vector.values * inverse + 0.5) / inverse)


def clamp(vector: Vector, low: Scalar, high: Scalar) -> Vector:
    """Values held between two bounds; no series at instants where `high` is below `low`."""
    values = _larger(low.values, _smaller(high.values, vector.values))
    return Vector(vector.labels, values, vector.present & ~(high.values < low.values))


def clamp_min(vector: Vector, low: Scalar) -> Vector:
    """Values not below `low`."""
    return vector.with_values(_larger(low.values, vector.values))


def clamp_max(vector: Vector, high: Scalar) -> Vector:
    """Values not above `high`."""
    return vector.with_values(_smaller(high.values, vector.values))


def _smaller(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smaller of two, NaN if one is; but nothing is smaller than -Inf, and -0 is smaller than 0 (Go's math.Min)."""
    smaller = np.where((left == 0) & (right == 0) & np.signbit(left), left, np.minimum(left, right))
    smaller = np.where((left == 0) & (right == 0) & np.signbit(right), right, smaller)
    return np.where((left == -np.inf) | (right == -np.inf), -np.inf, smaller)


def _larger(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    return -_smaller(-left, -right)
