"""What the current snapshot knows of the subject of an alert."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pronoia.alerting.incidents import Evidence
from pronoia.exposition.text import format_horizon
from pronoia.features.words import in_words
from pronoia.pipeline.shown_subjects import shown_subjects
from pronoia.predictions.anomaly_watch import anomaly_stage
from pronoia.predictions.bottleneck import RISK_TARGETS, speaking_for, stage_name
from pronoia.predictions.failure import failure_stage

if TYPE_CHECKING:
    from pronoia.predictions.bottleneck import BottleneckRisk
    from pronoia.predictions.failure import FailureRisk
    from pronoia.predictions.snapshot import Snapshot
    from pronoia.series.labels import LabelSet

_MOST_CAUSES = 5


def evidence_of(snapshot: Snapshot, labels: LabelSet) -> Evidence | None:
    """Probability, time left and causes of a predicted bottleneck or failure, causes of an anomaly; else None."""
    found = {
        each.name: row
        for each in shown_subjects(snapshot)
        for row, source in enumerate(each.labels)
        if each.is_of(labels, source)
    }
    for risk in snapshot.bottlenecks:
        if (row := found.get(stage_name(risk.resource))) is not None:
            return _of_bottleneck(risk, row, labels)
    for failing in snapshot.failures:
        if (row := found.get(failure_stage(failing.failure))) is not None:
            return _of_failure(failing, row, labels)
    for watch in snapshot.anomalies:
        if (row := found.get(anomaly_stage(watch.name))) is not None:
            return Evidence(None, None, tuple(metric.name for metric in watch.causes(row)[:_MOST_CAUSES]))
    return None


def _of_bottleneck(risk: BottleneckRisk, row: int, labels: LabelSet) -> Evidence:
    horizons = [format_horizon(seconds) for seconds in risk.horizons_seconds]
    target, horizon = labels.get("target", "state"), labels.get("horizon", "")
    probability = math.nan
    if target in RISK_TARGETS and horizon in horizons:
        probability = float(risk.probability[row, RISK_TARGETS.index(target), horizons.index(horizon)])
    causes = tuple(in_words(feature) for feature in speaking_for(risk.causes[row]))
    return _evidence(probability, float(risk.eta_seconds[row]), causes)


def _of_failure(risk: FailureRisk, row: int, labels: LabelSet) -> Evidence:
    horizons = [format_horizon(seconds) for seconds in risk.horizons_seconds]
    horizon = labels.get("horizon", "")
    probability = float(risk.probability[row, horizons.index(horizon)]) if horizon in horizons else math.nan
    return _evidence(probability, float(risk.time_seconds[row]), speaking_for(risk.causes[row]))


def _evidence(probability: float, eta_seconds: float, causes: tuple[str, ...]) -> Evidence:
    return Evidence(
        probability if math.isfinite(probability) else None,
        eta_seconds if math.isfinite(eta_seconds) else None,
        causes[:_MOST_CAUSES],
    )
