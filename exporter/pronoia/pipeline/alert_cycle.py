"""The user's own alerts, round by round: read when they fired, tell when they fire again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.failure.firings import firing_probability, firings_of
from pronoia.pipeline.incremental import IncrementalReader
from pronoia.pipeline.round_cycle import RoundCycle
from pronoia.predictions.failure import ALERTS_STAGE, AlertRisk
from pronoia.series import SeriesFrame

if TYPE_CHECKING:
    from pronoia.config.resolved_failure import ResolvedAlerts
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.upstream import Upstream

_log = logging.getLogger(__name__)

# An alert has some five gauges; those on each pod of a large cluster would crowd out what was asked for.
_MOST_ALERTS = 1_000
#: What Pronoia says, of what is to come or of what is unusual, is no truth to learn from.
FIRING_ALERTS = 'ALERTS{alertstate="firing",predictive!="true",stem!="anomaly"}'


class AlertCycle(RoundCycle[SeriesFrame, AlertRisk]):
    """Everything that happens to the user's own alerts in one round.

    Args:
        alerts: how they are learnt.
        upstream: the server that evaluates them.
        max_series: more series than that are dropped.
        telemetry: told of every outcome.
    """

    def __init__(self, alerts: ResolvedAlerts, upstream: Upstream, *, max_series: int, telemetry: Telemetry) -> None:
        super().__init__(ALERTS_STAGE, alerts.infer_every_seconds, telemetry)
        self.alerts = alerts
        self.max_series = max_series
        self._is_cut = False
        self._reader = IncrementalReader(
            upstream,
            FIRING_ALERTS,
            window_ms=alerts.history_seconds * 1_000,
            step_ms=alerts.step_seconds * 1_000,
            max_series=max_series,
        )

    def _read(self, now_ms: int) -> SeriesFrame:
        return self._reader.refresh(now_ms).joined()

    def _predict(self, read: SeriesFrame, now_seconds: float) -> AlertRisk:
        horizons = self.alerts.horizons_seconds
        found = firings_of(read, now_seconds - self.alerts.history_seconds, now_seconds)
        firings = sorted(found, key=lambda each: -len(each.starts_seconds))[:_MOST_ALERTS]
        if len(found) > len(firings) and not self._is_cut:
            _log.warning("of %d alerts, the %d that fired most are foretold", len(found), len(firings))
        self._is_cut = len(found) > len(firings)
        said = [firing_probability(each, horizons, now_seconds) for each in firings]
        return AlertRisk(
            labels=tuple(each.labels for each in firings),
            made_at_seconds=now_seconds,
            max_age_seconds=float(self.alerts.max_age_seconds),
            horizons_seconds=horizons,
            probability=np.array(said).reshape(len(firings), len(horizons)),
            n_firings=np.array([len(each.starts_seconds) for each in firings], np.int64),
        )
