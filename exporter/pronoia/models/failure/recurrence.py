"""A failure of which nothing is known but when it happened: how likely it happens again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.failure.firings import SAME_FIRING_SECONDS, Firings, firing_probability, firings_of
from pronoia.models.failure.fitted import Within
from pronoia.models.failure.horizons import PARTS, JoinedHorizons, join_horizons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.series import LabelSet, SeriesFrame

_TAIL = 0.025


def past_failures(conditions: Sequence[SeriesFrame], since_seconds: float, now_seconds: float) -> tuple[Firings, ...]:
    """When each system failed, of all whose failure one of some conditions told; labels are those of the conditions.

    Args:
        conditions: series that have samples while it happens.
        since_seconds: from when on they are known.
        now_seconds: Unix time.
    """
    found: dict[LabelSet, Firings] = {}
    for frame in conditions:
        for each in firings_of(frame, since_seconds, now_seconds):
            before = found.get(each.labels)
            found[each.labels] = each if before is None else _both(before, each)
    return tuple(found.values())


def recurrence(failures: Sequence[Firings], horizons_seconds: tuple[int, ...], now_seconds: float) -> JoinedHorizons:
    """Probability that each begins anew within each horizon; NaN while it lasts.

    The point is that of alerts that fire anew (`firing_probability`). Bounds hold it, and 95 % of the rate at which it
    happened (Garwood, Fiducial limits for the Poisson distribution, Biometrika 28, 1936), as if without memory.

    Args:
        failures: when they happened.
        horizons_seconds: ascending.
        now_seconds: Unix time.
    """
    of_horizons = [_within(failures, PARTS * seconds, now_seconds) for seconds in horizons_seconds]
    return join_horizons(of_horizons, horizons_seconds)


def _within(failures: Sequence[Firings], ahead: NDArray[np.float64], now_seconds: float) -> Within:
    from scipy.stats import chi2

    shape = (len(failures), len(ahead))
    point, lower, upper = np.empty(shape), np.empty(shape), np.empty(shape)
    for row, each in enumerate(failures):
        n_starts = len(each.starts_seconds)
        point[row] = firing_probability(each, tuple(ahead.tolist()), now_seconds)
        known = max(now_seconds - each.since_seconds, 1.0)
        least = chi2.ppf(_TAIL, 2 * n_starts) / 2.0 if n_starts else 0.0
        most = chi2.ppf(1.0 - _TAIL, 2 * n_starts + 2) / 2.0
        lower[row] = np.minimum(point[row], -np.expm1(-least / known * ahead))
        upper[row] = np.maximum(point[row], -np.expm1(-most / known * ahead))
    return Within(point, lower, upper)


def _both(one: Firings, other: Firings) -> Firings:
    starts = np.sort(np.concatenate([one.starts_seconds, other.starts_seconds]))
    kept = starts[np.diff(starts, prepend=-np.inf) > SAME_FIRING_SECONDS]
    return replace(one, starts_seconds=kept, is_firing=one.is_firing or other.is_firing)
