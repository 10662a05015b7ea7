"""Snapshot: everything one cycle produced, published whole."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.predictions.anomaly_watch import AnomalyWatch
    from pronoia.predictions.bottleneck import BottleneckRisk
    from pronoia.predictions.failure import AlertRisk, FailureRisk
    from pronoia.predictions.forecast import QueryForecast
    from pronoia.predictions.outcome import StageOutcome
    from pronoia.series.labels import LabelSet


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the web and the exposition read. Immutable; the next cycle makes another.

    Args:
        taken_at_seconds: Unix time at which it was put together.
        forecasts: one per query that has a forecast to show.
        outcomes: the latest outcome of each stage of each query.
        bottlenecks: one per resource that has risks to show.
        failures: one per failure that has risks to show.
        alerts: the user's own alerts, if they are learnt.
        anomalies: one per watch that has scores to show.
        muted: whose alerts are to keep quiet, by query, `bottleneck:RESOURCE`, `failure:FAILURE` or `anomaly:WATCH`.
    """

    taken_at_seconds: float
    forecasts: tuple[QueryForecast, ...] = ()
    outcomes: tuple[StageOutcome, ...] = ()
    bottlenecks: tuple[BottleneckRisk, ...] = ()
    failures: tuple[FailureRisk, ...] = ()
    alerts: AlertRisk | None = None
    anomalies: tuple[AnomalyWatch, ...] = ()
    muted: Mapping[str, frozenset[LabelSet]] = field(default_factory=dict)

    def current(self, now_seconds: float) -> Snapshot:
        """The snapshot less what has passed its `max_age`."""
        forecasts = tuple(forecast for forecast in self.forecasts if forecast.is_current(now_seconds))
        bottlenecks = tuple(risk for risk in self.bottlenecks if risk.is_current(now_seconds))
        failures = tuple(risk for risk in self.failures if risk.is_current(now_seconds))
        anomalies = tuple(watch for watch in self.anomalies if watch.is_current(now_seconds))
        alerts = self.alerts if self.alerts is not None and self.alerts.is_current(now_seconds) else None
        kept = (len(forecasts), len(bottlenecks), len(failures), len(anomalies), alerts)
        before = (self.forecasts, self.bottlenecks, self.failures, self.anomalies)
        if kept == (*map(len, before), self.alerts):
            return self
        return replace(
            self, forecasts=forecasts, bottlenecks=bottlenecks, failures=failures, anomalies=anomalies, alerts=alerts
        )
