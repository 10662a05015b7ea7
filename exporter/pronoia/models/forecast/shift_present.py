"""Fits and the newest samples: the response to departures that are in progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.curves import curves_from
from pronoia.models.forecast.levels import known_levels
from pronoia.models.forecast.shift_evidence import is_trusted
from pronoia.models.forecast.shift_response import Response, find_departures

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pronoia.models.forecast.fitted import FittedForecasts

# Outcomes are taken as distributions known at these levels' bounds, and those of the standard levels.
_OUTER_LEVEL = 0.99


def response_to(
    fitted: FittedForecasts,
    newest: NDArray[np.float64],
    age_steps: NDArray[np.float64],
    offsets: Callable[[float], NDArray[np.float64]],
) -> tuple[NDArray[np.int64], Response] | None:
    """The response to departures of series whose evidence speaks for it.

    Args:
        fitted: n_series fits.
        newest: float64 (n_series, n_recent), the newest values less what events add, ending now; NaN where there is
            none.
        age_steps: float64 (n_series,), steps from each fit to now.
        offsets: what bounds of a level add to the point without regard to departures, float64 (2, n_series, n_knots).

    Returns:
        rows of those series, int64 (n,), and the response; None if there are none.
    """
    found = find_departures(fitted.shift_states, fitted.shift_patterns, newest, age_steps)
    found = found.where(is_trusted(fitted.shift_losses)[found.rows])
    rows, knots = found.rows, fitted.knots
    if not len(rows):
        return None
    now, _ = curves_from(fitted.curves[rows], age_steps[rows], 0)
    at = age_steps[rows, None] + np.concatenate([[0], knots])
    change = np.array([np.interp(*each) for each in zip(at, [knots] * len(at), fitted.shift_paths[rows], strict=True)])
    levels = sorted({*known_levels(fitted.settings.level), _OUTER_LEVEL})
    return rows, Response.of(
        found,
        counts=fitted.shift_counts,
        change_now=change[:, 0],
        change_ahead=change[:, 1:],
        now=now,
        persistence=fitted.persistence[rows],
        knots=knots,
        levels=levels,
        offsets=np.array([offsets(level)[:, rows] for level in levels]),
    )
