"""The risks of one failure, and of the user's own alerts, as exposition text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.exposition import failure_families as own
from pronoia.exposition.block import add_values
from pronoia.exposition.families import ATTRIBUTION
from pronoia.exposition.text import format_horizon, format_labels, format_number

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from pronoia.exposition.block import Block
    from pronoia.exposition.source_labels import SourceLabels
    from pronoia.predictions.failure import AlertRisk, FailureRisk
    from pronoia.series import LabelSet


def failure_samples(risk: FailureRisk, labels: SourceLabels, muted: AbstractSet[LabelSet] = frozenset()) -> Block:
    """Sample lines by family; what is not known (NaN) has none.

    Args:
        risk: of one failure.
        labels: how its series are shown.
        muted: those of them whose alerts are to keep quiet.
    """
    failure = [("failure", risk.failure)]
    block: Block = {family: [] for family in (*own.FAILURE_FAMILIES, ATTRIBUTION)}
    for family, ours, value in (
        (own.FAILURE_MADE, failure, risk.made_at_seconds),
        (own.FAILURE_EVENTS, [*failure, ("speaker", risk.speaker)], float(risk.n_events)),
    ):
        block[family].append(f"{family.name}{{{format_labels(ours)}}} {format_number(value)}\n")
    for h, seconds in enumerate(risk.horizons_seconds):
        ours = [*failure, ("horizon", format_horizon(seconds))]
        for family, values in (
            (own.FAILURE_PROBABILITY, risk.probability),
            (own.FAILURE_LOWER, risk.lower),
            (own.FAILURE_UPPER, risk.upper),
        ):
            add_values(block, family, ours, values[:, h], labels)
    for family, values in (
        (own.FAILURE_TIME, risk.time_seconds),
        (own.FAILURE_TIME_LOWER, risk.time_lower_seconds),
        (own.FAILURE_TIME_UPPER, risk.time_upper_seconds),
    ):
        add_values(block, family, failure, values, labels)
    quiet = np.array([1.0 if each in muted else np.nan for each in risk.labels])
    add_values(block, own.FAILURE_MUTED, failure, quiet, labels)
    now = np.array([1.0 if row in risk.happening else np.nan for row in range(risk.n_subjects)])
    add_values(block, own.FAILURE_HAPPENING, failure, now, labels)
    for number, suffix in zip(labels.kept.tolist(), labels.suffixes, strict=True):
        told = [(own.FAILURE_SEVERITY, [*failure, ("severity", risk.severity[number])], 1.0)]
        if risk.signals[number]:
            told.append((own.FAILURE_SIGNAL, [*failure, ("signal", risk.signals[number])], 1.0))
        for cause in risk.causes[number]:
            ours = [("stem", "failure"), ("subject", risk.failure), ("feature", cause.feature)]
            told.append((ATTRIBUTION, ours, cause.log_odds))
        for family, ours, value in told:
            block[family].append(f"{family.name}{{{format_labels(ours)}{suffix}{format_number(value)}\n")
    return block


def alert_samples(risk: AlertRisk, labels: SourceLabels) -> Block:
    """Sample lines of the user's own alerts by family; those that fire now have no probability."""
    block: Block = {family: [] for family in own.ALERT_FAMILIES}
    for h, seconds in enumerate(risk.horizons_seconds):
        ours = [("horizon", format_horizon(seconds))]
        add_values(block, own.ALERT_PROBABILITY, ours, risk.probability[:, h], labels)
    add_values(block, own.ALERT_FIRINGS, [("speaker", "recurrence")], risk.n_firings.astype(np.float64), labels)
    return block
