"""What is unusual of one watch as exposition text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.exposition import anomaly_families as own
from pronoia.exposition.block import add_values
from pronoia.exposition.text import format_labels, format_number

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from pronoia.exposition.block import Block
    from pronoia.exposition.family import Family
    from pronoia.exposition.source_labels import SourceLabels
    from pronoia.predictions.anomaly_watch import AnomalyWatch
    from pronoia.series import LabelSet


def anomaly_samples(watch: AnomalyWatch, labels: SourceLabels, muted: AbstractSet[LabelSet] = frozenset()) -> Block:
    """Sample lines by family; what is not known (NaN) has none.

    Args:
        watch: what is known of its series or systems.
        labels: how they are shown.
        muted: those of them whose alerts are to keep quiet, besides those that the configuration mutes.
    """
    who = [(watch.kind, watch.name)]
    block: Block = {family: [] for family in own.ANOMALY_FAMILIES}
    made = own.ANOMALY_MADE
    block[made].append(f"{made.name}{{{format_labels(who)}}} {format_number(watch.made_at_seconds)}\n")
    quiet = np.array([1.0 if each in muted or each in watch.quiet else np.nan for each in watch.labels])
    for family, values in (
        (own.ANOMALY_SCORE, watch.score),
        (own.ANOMALY_PEER_SCORE, watch.peer_score),
        (own.ANOMALY_SINCE, watch.since_seconds),
        (own.ANOMALY_MUTED, quiet),
    ):
        add_values(block, family, who, values, labels)
    for number, suffix in zip(labels.kept.tolist(), labels.suffixes, strict=True):
        told: list[tuple[Family, list[tuple[str, str]], float]] = []
        for metric in watch.metrics[number]:
            of_metric = [*who, ("metric", metric.name)]
            told.append((own.ANOMALY_LOWER, of_metric, metric.lower))
            told.append((own.ANOMALY_UPPER, of_metric, metric.upper))
        for metric in watch.causes(number):
            share = -metric.share if metric.is_low else metric.share
            told.append((own.ANOMALY_CONTRIBUTION, [*who, ("metric", metric.name)], share))
        for family, ours, value in told:
            if value == value:  # noqa: PLR0124 - NaN alone is not equal to itself
                block[family].append(f"{family.name}{{{format_labels(ours)}{suffix}{format_number(value)}\n")
    return block
