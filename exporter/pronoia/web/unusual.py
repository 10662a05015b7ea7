"""What the status page lists as unusual: systems and series beyond their line, or unlike their siblings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.config.duration import format_duration
from pronoia.predictions.anomaly_watch import anomaly_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.predictions.anomaly_watch import AnomalyWatch, MetricState
    from pronoia.predictions.snapshot import Snapshot

_MOST = 20


@dataclass(frozen=True, slots=True)
class Unusual:
    """One line.

    Args:
        what: the system, or the query.
        whom: the labels.
        score: 1 is the line.
        since: for how long, in words.
        why: the metrics that make it so, with what was expected of them.
        note: whether its alerts keep quiet; empty if they do not.
    """

    what: str
    whom: str
    score: float
    since: str
    why: str
    note: str


def unusual(snapshot: Snapshot) -> tuple[Unusual, ...]:
    """At most twenty lines, the most unusual first, what is muted last."""
    lines = [line for watch in snapshot.anomalies for line in _lines(snapshot, watch)]
    return tuple(sorted(lines, key=lambda line: (bool(line.note), -line.score))[:_MOST])


def _lines(snapshot: Snapshot, watch: AnomalyWatch) -> Iterator[Unusual]:
    muted = watch.quiet | snapshot.muted.get(anomaly_stage(watch.name), frozenset())
    for row in np.flatnonzero((watch.score > 1.0) | (watch.peer_score > 1.0)).tolist():
        labels, since = watch.labels[row], float(watch.since_seconds[row])
        causes = [_cause(metric) for metric in watch.causes(row)]
        if watch.peer_score[row] > 1.0:
            causes.append("unlike its siblings")
        shown = {name: value for name, value in labels.items() if name not in ("__name__", "job")}
        yield Unusual(
            watch.name,
            ", ".join(f"{name}={value}" for name, value in shown.items()),
            round(float(np.nanmax([watch.score[row], watch.peer_score[row]])), 2),
            _span(snapshot.taken_at_seconds - since) if np.isfinite(since) else "",
            ", ".join(causes),
            "muted" if labels in muted else "",
        )


def _cause(metric: MetricState) -> str:
    if not np.isfinite(metric.lower + metric.upper + metric.value):
        return metric.name
    expected = f"{metric.value:.3g}, {metric.lower:.3g} to {metric.upper:.3g} expected"
    return f"{metric.name} too {'low' if metric.is_low else 'high'} ({expected})"


def _span(seconds: float) -> str:
    return format_duration(max(round(seconds / 60), 1) * 60_000)
