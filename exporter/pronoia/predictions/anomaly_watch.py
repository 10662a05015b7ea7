"""What is unusual now: of each series of a query, or of each system that several queries know of."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pronoia.series.labels import LabelSet

#: What is watched: the series of a query one by one, or systems with all their metrics.
KINDS = ("query", "system")

#: Label `stem` of alerts on anomalies.
ANOMALY_STEM = "anomaly"


def anomaly_stage(name: str) -> str:
    """What a watch is called among queries, whose names have no colon.

    >>> anomaly_stage("node")
    'anomaly:node'
    """
    return f"anomaly:{name}"


@dataclass(frozen=True, slots=True)
class MetricState:
    """One metric of a series or system at the newest step.

    Args:
        name: the query's, with the labels that tell its metrics apart: `filesystem_used{device="sda1"}`.
        value: newest, source unit; NaN where it is missing.
        lower: least value that is expected, within what is possible.
        upper: greatest value that is expected, within what is possible.
        share: of the score, 0 to 1.
        middle: of what is expected, whether or not its bounds are possible; NaN is that of lower and upper.
    """

    name: str
    value: float
    lower: float
    upper: float
    share: float
    middle: float = math.nan

    @property
    def is_low(self) -> bool:
        """Whether it lies below what is expected.

        >>> MetricState("received", 2.0, 0.0, 9.0, 0.5, middle=1.0).is_low
        False
        """
        middle = (self.lower + self.upper) / 2.0 if math.isnan(self.middle) else self.middle
        return self.value < middle


@dataclass(frozen=True, slots=True, eq=False)
class AnomalyWatch:
    """What is known of n_subjects series or systems of one watch.

    Args:
        kind: one of `KINDS`.
        name: of the query or the system.
        labels: n_subjects distinct label sets.
        made_at_seconds: Unix time at which it was made.
        max_age_seconds: how long after that it may be shown.
        score: float64 (n_subjects,), 1 = the line, greater is anomalous; NaN where nothing is said: no sample lately,
            or too little history.
        direction: float64 (n_subjects,), 1 or -1: whether what contributes most lies above or below what is expected.
        since_seconds: float64 (n_subjects,), Unix time since when a subject has been beyond the line, pauses of less
            than an hour apart; NaN where it is not.
        fitted_at_seconds: float64 (n_subjects,), end of the history learnt from; NaN before that.
        metrics: of each subject, those that contribute most first.
        n_told: metrics of each that are named as causes.
        peer_score: float64 (n_subjects,), the same for the deviation from siblings; NaN where they are not compared.
        quiet: subjects that the configuration mutes.
        detector: what scores.
        false_alarms_per_day: how many are aimed at, of each subject.
        skipped: what is not scored, by reason.

    Raises:
        ValueError: if shapes disagree, or a score is negative.
    """

    kind: str
    name: str
    labels: tuple[LabelSet, ...]
    made_at_seconds: float
    max_age_seconds: float
    score: NDArray[np.float64]
    direction: NDArray[np.float64]
    since_seconds: NDArray[np.float64]
    fitted_at_seconds: NDArray[np.float64]
    metrics: tuple[tuple[MetricState, ...], ...]
    n_told: int
    peer_score: NDArray[np.float64]
    quiet: frozenset[LabelSet] = frozenset()
    detector: str = "ensemble"
    false_alarms_per_day: float = 0.1
    skipped: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.labels)
        if len(self.metrics) != n:
            raise ValueError(f"{len(self.metrics)} lists of metrics for {n} subjects")
        for name in ("score", "direction", "since_seconds", "fitted_at_seconds", "peer_score"):
            array = getattr(self, name)
            if array.shape != (n,):
                raise ValueError(f"{name} has shape {array.shape}, ({n},) is needed")
            array.flags.writeable = False
        for name in ("score", "peer_score"):
            if (getattr(self, name) < 0.0).any():
                raise ValueError(f"{name} is negative somewhere")

    @property
    def n_subjects(self) -> int:
        """Series or systems."""
        return len(self.labels)

    def is_current(self, now_seconds: float) -> bool:
        """Whether it may still be shown."""
        return now_seconds - self.made_at_seconds <= self.max_age_seconds

    def causes(self, subject: int) -> tuple[MetricState, ...]:
        """The metrics that contribute most to the score of a subject that is beyond the line; else none."""
        return self.metrics[subject][: self.n_told] if self.score[subject] > 1.0 else ()
