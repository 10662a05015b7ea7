"""The grid step of a forecast, chosen from its horizon."""

from __future__ import annotations

#: The finest step chosen by itself, in seconds.
FINEST_AUTO_STEP_SECONDS = 60

#: A forecast's curve has about this many points: a day in steps of five minutes.
POINTS_PER_HORIZON = 288

# Each divides a day, so that daily and weekly seasons are a whole number of steps.
_EVEN_STEPS_SECONDS = (
    1,
    5,
    10,
    15,
    30,
    60,
    120,
    180,
    300,
    600,
    900,
    1200,
    1800,
    3600,
    7200,
    10800,
    14400,
    21600,
    43200,
    86400,
)


def auto_step_seconds(horizon_seconds: int, shortest_horizon_seconds: int) -> int:
    """The step for a horizon: the coarsest even one of at least a minute that leaves 288 points or more.

    24 hours are forecast in steps of 5 minutes, a week in steps of 30. The seasonal models used here fail on 1-minute
    data with a daily season: exponential smoothing ignores seasons of more than 24 steps, ARIMA's time explodes with
    their length, and 1,440 points a day leave too few days in a history to see the season at all. A minute is only
    kept where the horizon is shorter than about five hours.

    Args:
        horizon_seconds: how far the forecast reaches, a whole number of minutes.
        shortest_horizon_seconds: the nearest instant that is exposed; the step is never longer.

    Raises:
        ValueError: if no step fits: the horizon is not a whole number of minutes, or the shortest is under one.

    >>> auto_step_seconds(86_400, 900), auto_step_seconds(7 * 86_400, 3600), auto_step_seconds(3600, 900)
    (300, 1800, 60)
    """
    if horizon_seconds % FINEST_AUTO_STEP_SECONDS:
        raise ValueError("step: auto needs a horizon of whole minutes; give a step instead")
    if shortest_horizon_seconds < FINEST_AUTO_STEP_SECONDS:
        raise ValueError("step: auto is a minute or longer, and a horizon is shorter; give a step instead")
    longest = max(min(horizon_seconds // POINTS_PER_HORIZON, shortest_horizon_seconds), FINEST_AUTO_STEP_SECONDS)
    return max(step for step in _EVEN_STEPS_SECONDS if step <= longest and horizon_seconds % step == 0)


def even_step_seconds(step_seconds: int) -> int:
    """The customary step at or below another (at least a second) that divides a day.

    >>> even_step_seconds(420)
    300
    """
    return max(step for step in _EVEN_STEPS_SECONDS if step <= step_seconds)
