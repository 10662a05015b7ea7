"""What the current snapshot knows of the subject of an alert."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.alerting.incidents import Evidence
from pronoia.exposition.families import OUR_BOTTLENECK_LABELS
from pronoia.exposition.text import exposed_labels, format_horizon
from pronoia.predictions.bottleneck import RISK_TARGETS

if TYPE_CHECKING:
    from pronoia.predictions.bottleneck import BottleneckRisk
    from pronoia.predictions.snapshot import Snapshot
    from pronoia.series.labels import LabelSet

_MOST_CAUSES = 5


def evidence_of(snapshot: Snapshot, labels: LabelSet) -> Evidence | None:
    """Probability, time left and causes of a predicted bottleneck; None of anything else."""
    resource = labels.get("resource")
    for risk in snapshot.bottlenecks:
        if risk.resource == resource:
            for row, source in enumerate(risk.labels):
                if is_shown_in(source, labels):
                    return _evidence(risk, row, labels)
    return None


def is_shown_in(source: LabelSet, labels: LabelSet) -> bool:
    """Whether the labels of an alert are those of a series, with what rules and servers add to them."""
    shown, _ = exposed_labels(source, OUR_BOTTLENECK_LABELS)
    return all(labels.get(name) == value for name, value in shown.items())


def _evidence(risk: BottleneckRisk, row: int, labels: LabelSet) -> Evidence:
    horizons = [format_horizon(seconds) for seconds in risk.horizons_seconds]
    target, horizon = labels.get("target", "state"), labels.get("horizon", "")
    probability = math.nan
    if target in RISK_TARGETS and horizon in horizons:
        probability = float(risk.probability[row, RISK_TARGETS.index(target), horizons.index(horizon)])
    eta = float(risk.eta_seconds[row])
    return Evidence(
        probability if math.isfinite(probability) else None,
        eta if np.isfinite(eta) else None,
        tuple(cause.feature for cause in risk.causes[row][:_MOST_CAUSES]),
    )
