"""The risks of one resource as exposition text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.exposition import families
from pronoia.exposition.block import add_values
from pronoia.exposition.text import format_horizon, format_labels, format_number
from pronoia.predictions.bottleneck import RISK_TARGETS

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from pronoia.exposition.block import Block
    from pronoia.exposition.source_labels import SourceLabels
    from pronoia.predictions.bottleneck import BottleneckRisk
    from pronoia.series import LabelSet


def bottleneck_samples(risk: BottleneckRisk, labels: SourceLabels, muted: AbstractSet[LabelSet] = frozenset()) -> Block:
    """Sample lines by family; what is not known (NaN) has none.

    Args:
        risk: of one resource.
        labels: how its series are shown.
        muted: those of them whose alerts are to keep quiet.
    """
    resource = [("resource", risk.resource)]
    block: Block = {family: [] for family in families.BOTTLENECK_FAMILIES}
    made = families.BOTTLENECK_MADE
    block[made].append(f"{made.name}{{{format_labels(resource)}}} {format_number(risk.made_at_seconds)}\n")
    for t, target in enumerate(RISK_TARGETS):
        for h, seconds in enumerate(risk.horizons_seconds):
            ours = [*resource, ("horizon", format_horizon(seconds)), ("target", target)]
            for family, values in (
                (families.BOTTLENECK_PROBABILITY, risk.probability),
                (families.BOTTLENECK_LOWER, risk.lower),
                (families.BOTTLENECK_UPPER, risk.upper),
            ):
                add_values(block, family, ours, values[:, t, h], labels)
    for family, values in (
        (families.BOTTLENECK_ETA, risk.eta_seconds),
        (families.BOTTLENECK_ETA_LOWER, risk.eta_lower_seconds),
        (families.BOTTLENECK_ETA_UPPER, risk.eta_upper_seconds),
        (families.BOTTLENECK_SEVERITY, risk.severity.astype(np.float64)),
        (families.BOTTLENECK_UTILISATION, risk.utilisation),
        (families.BOTTLENECK_THRESHOLD, np.full(risk.n_subjects, risk.threshold)),
        (families.BOTTLENECK_MUTED, np.array([1.0 if each in muted else np.nan for each in risk.labels])),
    ):
        add_values(block, family, resource, values, labels)
    for number, suffix in zip(labels.kept.tolist(), labels.suffixes, strict=True):
        for cause in risk.causes[number]:
            ours = [("stem", "bottleneck"), ("subject", risk.resource), ("feature", cause.feature)]
            line = f"{families.ATTRIBUTION.name}{{{format_labels(ours)}{suffix}{format_number(cause.log_odds)}\n"
            block[families.ATTRIBUTION].append(line)
    return block
