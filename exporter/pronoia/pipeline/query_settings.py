"""What the models need to know of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.models.forecast.calendar.times import Calendar
from pronoia.models.forecast.settings import ForecastSettings

if TYPE_CHECKING:
    from pronoia.config.resolved import ResolvedQuery

#: A curve reaches this many refit intervals beyond the horizon, so that a late fit or a restart shortens nothing.
REFIT_SLACK = 3


def settings_of(query: ResolvedQuery) -> ForecastSettings:
    """What the models need to know of a query."""
    return ForecastSettings(
        step_ms=query.step_seconds * 1000,
        # One step more than the horizon: a curve that is read a while after it was made still reaches that far.
        horizon_steps=-(-query.horizon_seconds // query.step_seconds) + 1,
        refit_steps=-(-REFIT_SLACK * query.fit_every_seconds // query.step_seconds),
        level=query.level,
        model=query.model,
        minimum=query.minimum,
        maximum=query.maximum,
        calendar=Calendar(query.timezone, query.holidays),
    )
