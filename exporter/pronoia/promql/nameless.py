"""Series without the name of the metric that they no longer are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from pronoia.series.labels import LabelSet


def nameless(labels: LabelSet) -> LabelSet:
    """The labels of what is computed from a metric: its name is dropped, and with it what describes it.

    Prometheus 3 can store type and unit as labels (feature flag `type-and-unit-labels`); it drops them alike.

    >>> from pronoia.series import LabelSet
    >>> str(nameless(LabelSet({"__name__": "uptime_seconds", "__unit__": "seconds", "job": "node"})))
    '{job="node"}'
    """
    return labels.without(METRIC_NAME, "__type__", "__unit__")
