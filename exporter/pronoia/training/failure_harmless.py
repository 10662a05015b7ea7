"""What looks like the way to a limit and is none: it stops below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.training.failure_rest import N_SLOTS, SLOTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pronoia.training.failure_rest import Rest


def made_harmless(rng: np.random.Generator, rest: Rest) -> NDArray[np.float64]:
    """What a harmless system uses above its rest, float64 (n_slots,)."""
    return _KINDS[rng.choice(len(_KINDS), p=_SHARES)](rng, rest)


def _nothing(rng: np.random.Generator, rest: Rest) -> NDArray[np.float64]:
    del rng, rest
    return np.zeros(N_SLOTS)


def _plateau(rng: np.random.Generator, rest: Rest) -> NDArray[np.float64]:
    """Caches that fill, a file system that is cleaned as fast as it is written: levelling off, or at once."""
    height = max(rng.uniform(0.5, 0.97) - (rest.values.max() - rest.base) - rest.base, 0.05)
    elapsed = np.maximum(SLOTS - rng.uniform(10.0, 260.0), 0.0)
    if rng.random() < 0.7:
        return np.asarray(height * -np.expm1(-elapsed / np.exp(rng.uniform(np.log(2.0), np.log(60.0)))))
    return np.asarray(height * np.minimum(elapsed / np.exp(rng.uniform(np.log(6.0), np.log(100.0))), 1.0))


def _batches(rng: np.random.Generator, rest: Rest) -> NDArray[np.float64]:
    height = rng.uniform(0.2, 0.97 - rest.base)
    up, holds, down, apart = (rng.uniform(*span) for span in ((1.0, 11.0), (0.0, 10.0), (1.0, 5.0), (12.0, 70.0)))
    out, begin = np.zeros(N_SLOTS), rng.uniform(10.0, 260.0)
    while begin < N_SLOTS:
        shape = np.minimum((SLOTS - begin) / up, (begin + up + holds + down - SLOTS) / down)
        out += np.clip(shape, 0.0, 1.0) * height * rng.uniform(0.85, 1.02)
        begin += up + holds + apart * rng.uniform(0.7, 1.3)
    return out


def _rotated(rng: np.random.Generator, rest: Rest) -> NDArray[np.float64]:
    height = rng.uniform(0.1, 0.95 - rest.base)
    lasts = float(np.exp(rng.uniform(np.log(6.0), np.log(60.0))))
    out, full = np.zeros(N_SLOTS), 1.0
    for slot, speed in enumerate(rest.load / rest.load.mean()):
        grown = (out[slot - 1] if slot else 0.0) + speed / lasts
        if grown >= full:
            grown, full = 0.0, rng.uniform(0.85, 1.05)
        out[slot] = grown
    return height * out


_KINDS: tuple[Callable[[np.random.Generator, Rest], NDArray[np.float64]], ...] = (
    _nothing, _plateau, _batches, _rotated,
)  # fmt: skip
_SHARES = (0.2, 0.35, 0.25, 0.2)
