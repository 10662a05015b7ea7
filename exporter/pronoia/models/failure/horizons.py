"""Several horizons joined: one probability that grows with the time ahead, and the time at which it is even."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.bottleneck.eta import Eta, time_to_overload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.models.failure.fitted import Within

#: Parts of a horizon at which its curve is asked for; the last is the horizon.
PARTS = np.array([0.1, 0.2, 0.35, 0.5, 0.75, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class JoinedHorizons:
    """Probabilities within each horizon, float64 (n_rows, n_horizons), and the time to the failure in seconds."""

    probability: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    time: Eta


def join_horizons(of_horizons: Sequence[Within], horizons_seconds: tuple[int, ...]) -> JoinedHorizons:
    """Join what was said of each horizon at `PARTS` of it.

    A longer horizon is never less likely than a shorter one; where too little is known for one, it takes over what the
    shorter ones say, and where nothing is known of any, NaN stands.

    Args:
        of_horizons: of each horizon, arrays (n_rows, n_parts).
        horizons_seconds: ascending, one for each.

    Raises:
        ValueError: if their numbers disagree, or horizons do not rise.
    """
    if len(of_horizons) != len(horizons_seconds) or any(np.diff(horizons_seconds) <= 0):
        raise ValueError(f"{len(of_horizons)} curves for horizons {horizons_seconds}, which must rise")
    times = np.concatenate([PARTS * seconds for seconds in horizons_seconds])
    order = np.argsort(times, kind="stable")
    curves = [
        _rising(np.concatenate([getattr(each, name) for each in of_horizons], axis=1)[:, order])
        for name in ("probability", "lower", "upper")
    ]
    places = np.searchsorted(times[order], horizons_seconds, side="right") - 1
    point, lower, upper = (curve[:, places] for curve in curves)
    n_rows = len(point)
    nothing = Eta(*(np.full(n_rows, np.nan) for _ in range(3)))
    time = time_to_overload(np.nan_to_num(curves[0]), times[order], nothing, np.zeros(n_rows, np.bool_))
    return JoinedHorizons(point, np.fmin(lower, point), np.fmax(upper, point), time)


def _rising(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.maximum.accumulate(np.where(np.isnan(curve), -np.inf, curve), axis=1)
    return np.where(np.isinf(known), np.nan, known)
