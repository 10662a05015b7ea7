"""Whom a snapshot speaks of, by the labels that alerts on them have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.exposition.families import OUR_ANOMALY_LABELS, OUR_BOTTLENECK_LABELS, OUR_FAILURE_LABELS
from pronoia.exposition.source_labels import our_labels
from pronoia.exposition.text import exposed_labels
from pronoia.predictions.anomaly_watch import ANOMALY_STEM, anomaly_stage
from pronoia.predictions.bottleneck import stage_name
from pronoia.predictions.failure import failure_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.predictions.snapshot import Snapshot
    from pronoia.series import LabelSet


@dataclass(frozen=True, slots=True)
class ShownSubjects:
    """The series of one query, resource, failure or watch.

    Args:
        name: among queries: the query's, `bottleneck:RESOURCE`, `failure:FAILURE` or `anomaly:WATCH`.
        label: ours that says which it is, and its value.
        labels: of the series, as in the source.
        ours: labels that are renamed if the source has them.
        stem: value of the label `stem`, which only alerts on anomalies have: a query may be forecast and watched.
    """

    name: str
    label: tuple[str, str]
    labels: tuple[LabelSet, ...]
    ours: frozenset[str]
    stem: str = ""

    def is_of(self, alert: LabelSet, source: LabelSet) -> bool:
        """Whether the labels of an alert are those of a series, with what rules and servers add to them."""
        shown, _ = exposed_labels(source, self.ours)
        own, value = self.label
        is_named = alert.get(own) == value and alert.get("stem", "") == self.stem
        return is_named and all(alert.get(name) == each for name, each in shown.items())


def shown_subjects(snapshot: Snapshot) -> Iterator[ShownSubjects]:
    """Of every query, resource, failure and watch that the snapshot speaks of."""
    for each in snapshot.forecasts:
        yield ShownSubjects(each.query, ("query", each.query), each.forecast.labels, our_labels(each))
    for risk in snapshot.bottlenecks:
        label = "resource", risk.resource
        yield ShownSubjects(stage_name(risk.resource), label, risk.labels, OUR_BOTTLENECK_LABELS)
    for failing in snapshot.failures:
        label = "failure", failing.failure
        yield ShownSubjects(failure_stage(failing.failure), label, failing.labels, OUR_FAILURE_LABELS)
    for watch in snapshot.anomalies:
        label = watch.kind, watch.name
        yield ShownSubjects(anomaly_stage(watch.name), label, watch.labels, OUR_ANOMALY_LABELS, ANOMALY_STEM)
