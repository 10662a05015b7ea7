"""The newest samples against the level kept from the fit: which series have departed, and what then is forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.level_follow import at_a_level, follow_each, unsteadiness
from pronoia.models.forecast.levels import half_width
from pronoia.models.forecast.shift_outlook import mixed_quantiles, share_ended, stay_exponent, survival

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Departures:
    """Series that are away from their level now.

    Args:
        rows: int64 (n,), which they are.
        ages: float64 (n,), for how many steps.
        present: float64 (n,), where each is now with its noise averaged out, source unit.
        unsteadiness: float64 (n,), see `level_follow.unsteadiness`.
    """

    rows: NDArray[np.int64]
    ages: NDArray[np.float64]
    present: NDArray[np.float64]
    unsteadiness: NDArray[np.float64]

    @classmethod
    def among(cls, states: NDArray[np.float64], here: NDArray[np.float64]) -> Departures:
        """Those of some series that have departed to another level.

        Args:
            states: float64 (n_series, 6), see `level_shift.LevelScan`.
            here: float64 (n_series,), the pattern now.
        """
        rows = np.flatnonzero(at_a_level(states))
        away = states[rows]
        return cls(rows, away[:, 1], away[:, 0] + away[:, 2] + here[rows], unsteadiness(away))

    def where(self, chosen: NDArray[np.bool_]) -> Departures:
        """Some of them, bool (n,)."""
        return Departures(self.rows[chosen], self.ages[chosen], self.present[chosen], self.unsteadiness[chosen])


def find_departures(
    states: NDArray[np.float64],
    patterns: NDArray[np.float64],
    recent: NDArray[np.float64],
    age_steps: NDArray[np.float64],
) -> Departures:
    """Who has departed; arguments as for `level_follow.follow_each`, and the states are left as they are."""
    states = states.copy()
    here = follow_each(np.ascontiguousarray(recent), patterns, age_steps, states)
    return Departures.among(states, here)


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """What is forecast of departures, as differences from a forecast without regard to them.

    Args:
        stay_share: float64 (n, n_knots), probability that each stays, see `survival`.
        moved: float64 (n, n_knots), source unit: how much higher the forecast is where it stays.
        scores: float64 (n_scores,), normal scores.
        errors: float64 (n, n_knots, n_scores), source unit: quantiles of the forecast's errors at those.
    """

    stay_share: NDArray[np.float64]
    moved: NDArray[np.float64]
    scores: NDArray[np.float64]
    errors: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        departures: Departures,
        *,
        counts: NDArray[np.float64],
        change_now: NDArray[np.float64],
        change_ahead: NDArray[np.float64],
        now: NDArray[np.float64],
        persistence: NDArray[np.float64],
        knots: NDArray[np.int64],
        levels: Sequence[float],
        offsets: NDArray[np.float64],
    ) -> Response:
        """The response to departures.

        Args:
            departures: of n of the series.
            counts: float64 (n_series, 2, `N_AGES`), of all series.
            change_now: float64 (n,), what a curve fitted as if the departure stayed is more now.
            change_ahead: float64 (n, n_knots), and what it is more ahead.
            now: float64 (n,), the curves now.
            persistence: float64 (n, n_knots), see `correction`.
            knots: int64 (n_knots,).
            levels: coverages, ascending.
            offsets: float64 (n_levels, 2, n, n_knots), what their bounds add to the point.
        """
        ended = share_ended(counts)[departures.rows]
        gap = departures.present - now
        # About its new level the series wanders as it did about the old: only the rest of the newest error passes.
        moved = change_ahead - change_now[:, None] + gap[:, None] * (1.0 - persistence)
        half = [half_width(level) for level in levels]
        scores = np.array([*(-score for score in reversed(half)), 0.0, *half])
        errors = np.stack([*offsets[::-1, 0], np.zeros_like(moved), *offsets[:, 1]], axis=-1)
        share = survival(ended, departures.ages, knots) ** stay_exponent(departures.unsteadiness)[:, None]
        return cls(share, moved, scores, np.maximum.accumulate(errors, axis=-1))

    def at(self, score: float) -> NDArray[np.float64]:
        """What the quantile at a normal score adds to the point of the other forecast, float64 (n, n_knots)."""
        errors = np.ascontiguousarray(self.errors).reshape(-1, len(self.scores))
        found = mixed_quantiles(self.scores, errors, self.moved.ravel(), self.stay_share.ravel(), score)
        return found.reshape(self.moved.shape)

    def offsets(self, level: float) -> NDArray[np.float64]:
        """What bounds add to the point of this forecast, float64 (2, n, n_knots)."""
        point, score = self.at(0.0), half_width(level)
        return np.stack([np.minimum(self.at(-score) - point, 0.0), np.maximum(self.at(score) - point, 0.0)])
