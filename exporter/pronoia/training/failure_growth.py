"""How what fails grows: the share of the room between rest and limit that is used by a part of its time, 1 at 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def made_growth(rng: np.random.Generator) -> Callable[[np.random.Generator], Curve]:
    """A kind of growth, which draws anew how exactly it goes each time that it begins."""
    return _GROWTHS[rng.choice(len(_GROWTHS), p=_SHARES)]


def _line(rng: np.random.Generator) -> Curve:
    del rng
    return lambda elapsed: elapsed


def _faster(rng: np.random.Generator) -> Curve:
    """A power, or slow at first and then fast."""
    power, turn, reached = rng.uniform(1.5, 4.0), rng.uniform(0.4, 0.85), rng.uniform(0.1, 0.5)
    if rng.random() < 0.5:
        return lambda elapsed: elapsed**power
    fast = (1.0 - reached) / (1.0 - turn)
    return lambda elapsed: np.where(elapsed < turn, reached * elapsed / turn, reached + fast * (elapsed - turn))


def _steps(rng: np.random.Generator) -> Curve:
    n_steps = int(rng.integers(3, 14))
    at = np.cumsum(rng.exponential(1.0, 600) + 0.2)
    heights = np.cumsum(rng.uniform(0.5, 1.5, 600))
    at, heights = at / at[n_steps - 1], np.append(0.0, heights / heights[n_steps - 1])
    return lambda elapsed: heights[np.searchsorted(at, elapsed, side="right")]


def _burst(rng: np.random.Generator) -> Curve:
    at_once = rng.uniform(0.1, 0.5)
    return lambda elapsed: at_once + (1.0 - at_once) * elapsed


def _slower(rng: np.random.Generator) -> Curve:
    """Levels off above the limit."""
    top = rng.uniform(1.05, 1.8)
    return lambda elapsed: top * (1.0 - (1.0 - 1.0 / top) ** elapsed)


_GROWTHS: tuple[Callable[[np.random.Generator], Curve], ...] = (_line, _faster, _steps, _burst, _slower)
_SHARES = (0.32, 0.28, 0.2, 0.1, 0.1)
