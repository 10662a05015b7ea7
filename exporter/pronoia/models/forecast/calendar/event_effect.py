"""The effect of one event on one series: a profile over the time since its start, believed where it repeats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.calendar.baseline import deviations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Points of a profile, at the middles of as many equal parts of the duration; linear between, held at both ends.
N_POINTS = 8
# Each occurrence must be foretold by the others this much better than by no effect.
_MUST_HELP = 0.8
# The effect is shrunk by this over its squared score against chance: one of two standard errors is no effect at all.
_CHANCE = 4.0
# From a median absolute deviation to a normal's standard deviation.
_TO_DEVIATION = 1.4826
# Places without an event that say what chance makes.
_MAX_PLACES = 60
_MIN_PLACES = 4


@dataclass(frozen=True, slots=True, eq=False)
class EventEffect:
    """How an event moves a series.

    Args:
        profile: float64 (`N_POINTS`,), source unit, added while the event lasts; zero if it is not believed.
        spread: float64 (`N_POINTS`,), standard deviation of what the next occurrence adds.
    """

    profile: NDArray[np.float64]
    spread: NDArray[np.float64]

    @property
    def is_used(self) -> bool:
        """Whether the event is believed to move the series."""
        return bool(self.profile.any())

    @classmethod
    def none(cls) -> EventEffect:
        """An event without effect."""
        return cls(np.zeros(N_POINTS), np.zeros(N_POINTS))


def profile_weights(since_start: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of a profile's points at times since the start, as shares of the duration.

    Returns:
        float64 (`N_POINTS`, n): `profile @ weights` is the effect; zero outside [0, 1).
    """
    inside = (since_start >= 0.0) & (since_start < 1.0)
    position = np.clip(since_start * N_POINTS - 0.5, 0.0, N_POINTS - 1.0)
    left = np.minimum(position.astype(np.int64), N_POINTS - 2)
    weights = np.zeros((N_POINTS, len(since_start)))
    steps = np.arange(len(since_start))
    weights[left, steps] = 1.0 - (position - left)
    weights[left + 1, steps] += position - left
    weights[:, ~inside] = 0.0
    return weights


def event_effect(
    flat: NDArray[np.float64],
    eventful: NDArray[np.bool_],
    starts: Sequence[int],
    duration: int,
    width: int,
) -> EventEffect:
    """Estimate the effect of an event from its past occurrences.

    Each occurrence is taken as the deviation from the level around it. Two complete ones at least, and the mean of the
    others must foretell each by a fifth better than no effect does: the backtest that decides whether the event is used
    at all. The mean (the median of three or more) is then shrunk like a ridge regression would, by how large such
    means are at places without an event. The spread is that between occurrences.

    Args:
        flat: float64 (n_past,) from `baseline.without_shape`.
        eventful: bool (n_past,), the steps inside any event.
        starts: first step of each occurrence in the history, ascending.
        duration: steps.
        width: steps on either side that tell the level.

    Returns:
        no effect where it is not believed.
    """
    points = _points(duration)
    complete = [start for start in starts if start >= 0 and start + duration <= len(flat)]
    seen = np.array([_at_points(deviations(flat, eventful, s, s + duration, width), points) for s in complete])
    seen = seen[np.isfinite(seen).all(axis=1)] if len(seen) else seen
    n_seen = len(seen)
    if n_seen < 2:
        return EventEffect.none()
    others = np.array([_middle(np.delete(seen, row, axis=0)) for row in range(n_seen)])
    if np.abs(seen - others).sum() > _MUST_HELP * np.abs(seen).sum():
        return EventEffect.none()
    mean = _middle(seen)
    chance = _chance(flat, eventful, duration, width, points)
    between = seen.var(axis=0, ddof=1)
    usual = float(np.minimum(between, np.square(_TO_DEVIATION * np.median(np.abs(seen - mean), axis=0))).mean())
    # Of two or three, none can be told to be unusual.
    usual = usual if n_seen > 3 else float(between.mean())
    noise = max(chance or 0.0, usual) / n_seen
    size = float(np.square(mean).mean())
    kept = 1.0 - _CHANCE * noise / size if size > 0.0 else 0.0
    if kept <= 0.0:
        return EventEffect.none()
    # The mean over the points steadies what two or three occurrences say of each.
    variance = 0.5 * (between + between.mean()) * (1.0 + 1.0 / n_seen) * (1.0 + 1.0 / (n_seen - 1.0))
    return EventEffect(kept * mean, np.sqrt(variance))


def _points(duration: int) -> NDArray[np.int64]:
    """Which part of the event each of its steps belongs to, int64 (duration,)."""
    return np.arange(duration) * N_POINTS // duration if duration >= N_POINTS else np.arange(duration)


def _at_points(inside: NDArray[np.float64], points: NDArray[np.int64]) -> NDArray[np.float64]:
    """Means over the parts, float64 (`N_POINTS`,); NaN if half of the steps are missing."""
    known = np.isfinite(inside)
    if 2 * known.sum() <= len(inside):
        return np.full(N_POINTS, np.nan)
    counts = np.bincount(points[known], minlength=points[-1] + 1)
    sums = np.bincount(points[known], weights=inside[known], minlength=points[-1] + 1)
    filled = np.flatnonzero(counts)
    where = (np.arange(N_POINTS) + 0.5) / N_POINTS
    return np.interp(where, (filled + 0.5) / (points[-1] + 1), sums[filled] / counts[filled])


def _middle(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    middle: NDArray[np.float64] = np.median(rows, axis=0) if len(rows) > 2 else rows.mean(axis=0)
    return middle


def _chance(
    flat: NDArray[np.float64], eventful: NDArray[np.bool_], duration: int, width: int, points: NDArray[np.int64]
) -> float | None:
    """Mean square of what the same reckoning finds where there is no event; None if there are too few such places."""
    last = len(flat) - duration - 1
    if last <= width:
        return None
    places = np.unique(np.linspace(width, last, min(_MAX_PLACES, max((last - width) // duration, 1))).astype(np.int64))
    quiet = [place for place in places.tolist() if not eventful[place : place + duration].any()]
    found = np.array([_at_points(deviations(flat, eventful, p, p + duration, width), points) for p in quiet])
    found = found[np.isfinite(found).all(axis=1)] if len(found) else found
    if len(found) < _MIN_PLACES:
        return None
    squares = np.square(found).mean(axis=1)
    # One outage among the quiet places is no measure of chance.
    return float(np.minimum(squares, np.quantile(squares, 0.9)).mean())
