"""Snapshot: everything one cycle produced, published whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pronoia.predictions.forecast import QueryForecast
    from pronoia.predictions.outcome import StageOutcome


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the web and the exposition read. Immutable; the next cycle makes another.

    Args:
        taken_at_seconds: Unix time at which it was put together.
        forecasts: one per query that has a forecast to show.
        outcomes: the latest outcome of each stage of each query.
    """

    taken_at_seconds: float
    forecasts: tuple[QueryForecast, ...] = ()
    outcomes: tuple[StageOutcome, ...] = ()

    def current(self, now_seconds: float) -> Snapshot:
        """The snapshot less the forecasts that have passed their `max_age`."""
        kept = tuple(forecast for forecast in self.forecasts if forecast.is_current(now_seconds))
        return self if len(kept) == len(self.forecasts) else Snapshot(self.taken_at_seconds, kept, self.outcomes)
