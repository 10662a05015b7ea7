"""Whom a snapshot speaks of, by the labels that alerts on them have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.exposition.families import OUR_BOTTLENECK_LABELS, OUR_FAILURE_LABELS
from pronoia.exposition.source_labels import our_labels
from pronoia.exposition.text import exposed_labels
from pronoia.predictions.bottleneck import stage_name
from pronoia.predictions.failure import failure_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.predictions.snapshot import Snapshot
    from pronoia.series import LabelSet


@dataclass(frozen=True, slots=True)
class ShownSubjects:
    """The series of one query, resource or failure.

    Args:
        name: among queries: the query's, `bottleneck:RESOURCE` or `failure:FAILURE`.
        label: ours that says which it is, and its value.
        labels: of the series, as in the source.
        ours: labels that are renamed if the source has them.
    """

    name: str
    label: tuple[str, str]
    labels: tuple[LabelSet, ...]
    ours: frozenset[str]

    def is_of(self, alert: LabelSet, source: LabelSet) -> bool:
        """Whether the labels of an alert are those of a series, with what rules and servers add to them."""
        shown, _ = exposed_labels(source, self.ours)
        own, value = self.label
        return alert.get(own) == value and all(alert.get(name) == each for name, each in shown.items())


def shown_subjects(snapshot: Snapshot) -> Iterator[ShownSubjects]:
    """Of every query, resource and failure that the snapshot speaks of."""
    for each in snapshot.forecasts:
        yield ShownSubjects(each.query, ("query", each.query), each.forecast.labels, our_labels(each))
    for risk in snapshot.bottlenecks:
        label = "resource", risk.resource
        yield ShownSubjects(stage_name(risk.resource), label, risk.labels, OUR_BOTTLENECK_LABELS)
    for failing in snapshot.failures:
        label = "failure", failing.failure
        yield ShownSubjects(failure_stage(failing.failure), label, failing.labels, OUR_FAILURE_LABELS)
