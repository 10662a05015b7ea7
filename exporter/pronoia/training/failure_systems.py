"""Systems on their way to a limit, made up: growth that ends in a failure, and what only looks like it.

Recordings of failures are few, and all of their shapes are soon learnt by heart. Here every length, height,
noise and cycle is drawn anew, wide enough that what is met is hardly outside; lengths are in slots of a horizon's
sixtieth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.failure.headroom import HeadroomHistory, held
from pronoia.training.failure_growth import made_growth
from pronoia.training.failure_harmless import made_harmless
from pronoia.training.failure_rest import N_SLOTS, SLOTS, made_rest, starting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.training.failure_rest import Rest

# How many are harmless, or grow until somebody restarts them; the others fail.
_HARMLESS, _REPAIRED = 0.4, 0.1
# From the beginning of a growth to its failure: what is faster leaves no time, what is slower hardly moves.
_FASTEST, _SLOWEST = 15.0, 180.0
_COMES_BACK = 0.67
_LEAST, _BELOW_LIMIT = 0.005, 0.995


def made_system(rng: np.random.Generator) -> HeadroomHistory:
    """One system of `N_SLOTS` slots.

    Half of them fail, most of these again and again; the load that they follow is told of three in five, and noisily.
    """
    rest = made_rest(rng)
    seen = rest.load + rng.normal(0.0, rng.uniform(0.05, 0.6), N_SLOTS)
    what = rng.random()
    if what < _HARMLESS:
        lacking = starting(rng, rest.base)(0)
        used = np.minimum(rest.values - lacking + made_harmless(rng, rest), _BELOW_LIMIT)
        failed = np.zeros(N_SLOTS, np.bool_)
    else:
        used, failed = _growing(rng, rest, is_repaired=what < _HARMLESS + _REPAIRED)
    load = seen if rng.random() < 0.6 else np.full(N_SLOTS, np.nan)
    return HeadroomHistory(held(np.clip(used, _LEAST, 1.0)[None, :]), load[None, :], failed[None, :])


def _growing(
    rng: np.random.Generator, rest: Rest, *, is_repaired: bool
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    used, failed = np.full(N_SLOTS, np.nan), np.zeros(N_SLOTS, np.bool_)
    lasts = float(np.exp(rng.uniform(np.log(_FASTEST), np.log(_SLOWEST))))
    curve_of = made_growth(rng)
    level = rng.uniform(0.45, 0.97) if is_repaired else np.inf
    comes_back, lacks = rng.random() < _COMES_BACK, starting(rng, rest.base)
    speed = np.maximum(rest.load / rest.load.mean(), 0.0) if rng.random() < 0.5 else np.ones(N_SLOTS)
    begin, onset = 0, rng.uniform(10.0, 260.0)
    while begin < N_SLOTS:
        elapsed = np.cumsum(np.where(onset <= SLOTS, speed, 0.0)) / (lasts * rng.uniform(0.7, 1.4))
        grown = np.where(elapsed > 0.0, curve_of(rng)(elapsed), 0.0)
        values = rest.values + (1.0 - rest.base) * grown - lacks(begin)
        ends = np.flatnonzero((values >= min(1.0, level * rng.uniform(0.9, 1.08))) & (max(begin, onset) <= SLOTS))
        end = int(ends[0]) if len(ends) else N_SLOTS
        used[begin:end] = values[begin:end]
        if end < N_SLOTS:
            failed[end] = not is_repaired or values[end] >= 1.0
            used[end] = np.nan if failed[end] else values[end]
        begin = end + 1 + int(rng.integers(0, 9))
        onset = begin + rng.uniform(0.0, 80.0) if comes_back else np.inf
    return used, failed
