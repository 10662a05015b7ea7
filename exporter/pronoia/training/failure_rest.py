"""A system to which nothing happens: its level, its load, its noise and its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: Slots of each system: five horizons.
N_SLOTS = 300
#: Their numbers.
SLOTS = np.arange(N_SLOTS)


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """What it uses at rest.

    Args:
        base: share of the limit, at its usual load.
        load: float64 (n_slots,), about 1.
        values: float64 (n_slots,), share of the limit with what follows the load, and noise.
    """

    base: float
    load: NDArray[np.float64]
    values: NDArray[np.float64]


def made_rest(rng: np.random.Generator) -> Rest:
    """One of them; half follow their load."""
    load = _load(rng)
    base = rng.uniform(0.05, 0.65)
    swing = rng.uniform(0.0, 0.15) if rng.random() < 0.5 else 0.0
    return Rest(base, load, base + swing * (load - 1.0) + _noise(rng))


def starting(rng: np.random.Generator, base: float) -> Callable[[int], NDArray[np.float64]]:
    """What is not yet used after a start at some slot: some processes take what they need at once, others slowly."""
    n_slots = rng.uniform(1.0, 8.0) if rng.random() < 0.5 else 0.0
    lacking = base * (1.0 - rng.uniform(0.2, 0.9))

    def lacks(begin: int) -> NDArray[np.float64]:
        return np.asarray(lacking * np.clip(1.0 - (SLOTS - begin) / max(n_slots, 1e-9), 0.0, 1.0))

    return lacks


def _load(rng: np.random.Generator) -> NDArray[np.float64]:
    cycle = 0.6 * np.sin(2.0 * np.pi * (SLOTS / rng.uniform(16.0, 90.0) + rng.random()))
    wander = 0.1 * np.cumsum(rng.normal(0.0, 0.15, N_SLOTS))
    return np.asarray(1.0 + cycle * (rng.random() < 0.75) + wander * (rng.random() < 0.2))


def _noise(rng: np.random.Generator) -> NDArray[np.float64]:
    noise = rng.normal(0.0, 1.0, N_SLOTS)
    kept = rng.uniform(0.0, 0.7) if rng.random() < 0.4 else 0.0
    for slot in range(1, N_SLOTS):
        noise[slot] = kept * noise[slot - 1] + np.sqrt(1.0 - kept * kept) * noise[slot]
    return np.asarray(10.0 ** rng.uniform(-3.0, -1.5) * noise)
