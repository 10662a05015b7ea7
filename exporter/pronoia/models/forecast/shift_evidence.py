"""Whether a series' backtest speaks for the response to departures: what it would have lost with it, and without.

A member may follow a series to a new level by itself, and know better than any rule how often such a series returns. So
at every instant of the backtest at which the series had departed, its forecast with the response is put beside that
without, and both are judged by what came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.forecast.knots import knot_spans, knot_weights
from pronoia.models.forecast.level_follow import at_a_level, follow
from pronoia.models.forecast.level_shift import N_AGES, count_ages, opening_state, without_pattern
from pronoia.models.forecast.levels import STANDARD_LEVELS, half_width
from pronoia.models.forecast.rolling import finite_curve
from pronoia.models.forecast.shift_fit import as_if_it_stayed, path_of_staying
from pronoia.models.forecast.shift_response import Departures, Response
from pronoia.models.forecast.sketch import errors_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.contract import FittedPointForecaster

# A larger loss by this share says nothing: persistence and sketches have learnt already of the departures that the
# response is judged by.
_TOLERANCE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class BacktestErrors:
    """What is known of the member's backtest.

    Args:
        fitted: the member, fitted to the first origin.
        origins: int64 (n_origins,).
        nows: int64 (n_nows,), steps after each origin from which forecasts were made.
        knots: int64 (n_knots,).
        persistence: float64 (n_knots,), see `correction`.
        errors: float64 (n_origins, n_nows, horizon), NaN where there is no truth.
        spreads: likewise, what errors were divided by before they were sketched.
        sketches: float64 (n_knots, 13).
        unit: as in `sketch.errors_at`.
    """

    fitted: FittedPointForecaster
    origins: NDArray[np.int64]
    nows: NDArray[np.int64]
    knots: NDArray[np.int64]
    persistence: NDArray[np.float64]
    errors: NDArray[np.float64]
    spreads: NDArray[np.float64]
    sketches: NDArray[np.float64]
    unit: float


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """An instant of the backtest at which the series had departed; what was known then."""

    origin: int
    now: int
    state: NDArray[np.float64]
    counts: NDArray[np.float64]


def response_losses(
    values: NDArray[np.float64], seen: BacktestErrors, *, day_steps: int, curve_steps: int
) -> NDArray[np.float64]:
    """Sum of losses without the response and with it, over all instants of departures, float64 (2,).

    A loss is the mean quantile loss of point and bounds of the standard levels, half over all steps, half over knots,
    in the unit of the values; zeros where the series had never departed at an instant of the backtest.

    Args:
        values: float64 (n_values,), the history as members see it.
        seen: the member's backtest.
        day_steps: steps of a day, or 0.
        curve_steps: length of curves.
    """
    rest, _ = without_pattern(values, day_steps, 0)
    moments = _departed(rest, seen)
    total = np.zeros(2)
    for origin in sorted({moment.origin for moment in moments}):
        for lost in _losses_at(values, rest, seen, [m for m in moments if m.origin == origin], curve_steps):
            total += lost
    return total


def _departed(rest: NDArray[np.float64], seen: BacktestErrors) -> list[_Moment]:
    """Instants at which the series had departed."""
    instants = seen.origins[:, None] + seen.nows
    state, reached, counts = opening_state(rest), 0, np.zeros((2, N_AGES))
    moments = []
    # Instants of neighbouring origins may overlap.
    for flat in np.argsort(instants, axis=None, kind="stable").tolist():
        origin, now = divmod(flat, len(seen.nows))
        instant = int(instants[origin, now])
        if instant >= len(rest) - 1:
            break
        ended, _ = follow(rest[reached : instant + 1], state)
        reached, counts = instant + 1, counts + count_ages(ended)
        if at_a_level(state):
            moments.append(_Moment(origin, now, state.copy(), counts))
    return moments


def _losses_at(
    values: NDArray[np.float64],
    rest: NDArray[np.float64],
    seen: BacktestErrors,
    moments: list[_Moment],
    curve_steps: int,
) -> list[NDArray[np.float64]]:
    """Losses at the instants of one origin, each float64 (2,)."""
    at = int(seen.origins[moments[0].origin])
    path = np.zeros(len(seen.knots))
    try:
        curve = finite_curve(seen.fitted.forward(values[: at + 1]), curve_steps)
        if moments[0].now == 0 and seen.nows[0] == 0:
            moved = as_if_it_stayed(values[: at + 1], moments[0].state)
            path = path_of_staying(seen.fitted.forward(moved), curve, seen.knots)
    except ModelError:
        return []
    weights = knot_weights(seen.knots, int(seen.knots[-1]))
    losses = []
    for moment in moments:
        age = int(seen.nows[moment.now])
        instant = at + age
        levels = STANDARD_LEVELS
        half = np.array([half_width(level) for level in levels])
        units = np.full(len(seen.knots), seen.unit)
        spread = seen.spreads[moment.origin, moment.now, seen.knots - 1]
        offsets = (
            np.array(
                [
                    [
                        np.minimum(errors_at(np.full(len(seen.knots), -z), seen.sketches, units), 0.0),
                        np.maximum(errors_at(np.full(len(seen.knots), z), seen.sketches, units), 0.0),
                    ]
                    for z in half
                ]
            )
            * spread
        )
        response = Response.of(
            Departures.among(moment.state[None], values[instant : instant + 1] - rest[instant]),
            counts=moment.counts[None],
            change_now=np.interp([float(age)], seen.knots, path),
            change_ahead=np.interp(age + seen.knots, seen.knots, path)[None],
            now=curve[age : age + 1],
            persistence=seen.persistence[None],
            knots=seen.knots,
            levels=levels,
            offsets=offsets[:, :, None],
        )
        scores = response.scores
        plain = response.errors[0].T @ weights
        mixed = np.array([response.at(float(score))[0] for score in scores]) @ weights
        errors = seen.errors[moment.origin, moment.now]
        losses.append(np.array([_quantile_loss(errors, q, seen.knots) for q in (plain, mixed)]))
    return losses


def _quantile_loss(errors: NDArray[np.float64], quantiles: NDArray[np.float64], knots: NDArray[np.int64]) -> float:
    signed = [*(-level for level in reversed(STANDARD_LEVELS)), 0.0, *STANDARD_LEVELS]
    shares = 0.5 + 0.5 * np.array(signed)
    gap = errors - quantiles
    loss = np.maximum(shares[:, None] * gap, (shares[:, None] - 1.0) * gap).mean(axis=0)
    known = np.isfinite(loss)
    if not known.any():
        return 0.0
    spans = [loss[span][known[span]].mean() for span in knot_spans(knots) if known[span].any()]
    return 0.5 * float(np.mean(spans)) + 0.5 * float(loss[known].mean())


def is_trusted(losses: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Series whose departures are responded to: their own backtest, and the mean of the query's, lose no more by it.

    Without any evidence the response is used as it stands.

    Args:
        losses: float64 (n_series, 2), see `response_losses`.

    Returns:
        bool (n_series,).
    """
    known = losses[:, 0] > 0.0
    weighed = losses + (losses[known].mean(axis=0) if known.any() else 0.0)
    trusted: NDArray[np.bool_] = weighed[:, 1] <= (1.0 + _TOLERANCE) * weighed[:, 0]
    return trusted
