"""Who is watched: the series of a query, or systems with the series of several queries as their metrics."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.series import Grid, LabelSet, align
from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from pronoia.config.resolved_anomaly import ResolvedWatch
    from pronoia.series import History

#: A metric of a subject: its query, and its number among the query's series.
Column = tuple[str, int]
#: A sample counts for a step if it is no older than this many steps.
LATE_STEPS = 1.25


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its query, its labels in the source less those that name the system, how it is shown, its limits.

    Labels that all metrics of the system have alike are not shown: `cpu_utilisation`, `filesystem_used{device="sda1"}`.
    """

    query: str
    labels: LabelSet
    name: str = field(default="", compare=False)
    minimum: float | None = field(default=None, compare=False)
    maximum: float | None = field(default=None, compare=False)

    def possible(self, value: float) -> float:
        """The nearest value that it can have.

        >>> Metric("cpu", LabelSet(), minimum=0.0, maximum=1.0).possible(-0.5)
        0.0
        """
        return float(np.clip(value, self.minimum, self.maximum))


@dataclass(frozen=True, slots=True, eq=False)
class Subjects:
    """All series or systems of a watch.

    Args:
        of: the metrics of each, in a steady order.
        skipped: series that belong to no subject, by reason.
    """

    of: Mapping[LabelSet, tuple[Metric, ...]]
    columns: Mapping[LabelSet, Mapping[Metric, Column]]
    skipped: Mapping[str, int] = field(default_factory=dict)


def subjects_of(watch: ResolvedWatch, histories: Mapping[str, History]) -> Subjects:
    """Group the series of all queries by whom they speak of."""
    found: dict[LabelSet, dict[Metric, Column]] = {}
    skipped: Counter[str] = Counter()
    limits = {query.name: (query.minimum, query.maximum) for query in watch.queries}
    for query, history in histories.items():
        minimum, maximum = limits[query]
        for number, labels in enumerate(history.labels):
            if watch.kind == "query":
                subject, own = labels, LabelSet()
            else:
                subject = LabelSet.from_sorted(tuple(pair for pair in labels.pairs if pair[0] in watch.by))
                own = labels.without(*watch.by, METRIC_NAME)
            metric = Metric(query, own, minimum=minimum, maximum=maximum)
            if watch.by and not subject:
                skipped["no_system"] += 1
                continue
            metrics = found.setdefault(subject, {})
            if metric in metrics:
                skipped["duplicate"] += 1
            elif len(metrics) >= watch.max_metrics:
                skipped["metric_limit"] += 1
            else:
                metrics[metric] = query, number
    return Subjects({subject: _named(metrics) for subject, metrics in found.items()}, found, skipped)


def _named(metrics: Collection[Metric]) -> tuple[Metric, ...]:
    alike = set.intersection(*(set(metric.labels.pairs) for metric in metrics))
    named = []
    for metric in metrics:
        own = LabelSet.from_sorted(tuple(pair for pair in metric.labels.pairs if pair not in alike))
        named.append(replace(metric, name=f"{metric.query}{own}" if own else metric.query))
    return tuple(named)


def values_on(
    histories: Mapping[str, History], columns: Mapping[Metric, Column], metrics: tuple[Metric, ...], grid: Grid
) -> NDArray[np.float64]:
    """Values of some metrics of one subject, float64 (n_steps, n_metrics); NaN for one that is gone."""
    values = np.full((grid.n_steps, len(metrics)), np.nan)
    by_query: dict[str, list[tuple[int, int]]] = {}
    for place, metric in enumerate(metrics):
        if metric in columns:
            query, number = columns[metric]
            by_query.setdefault(query, []).append((place, number))
    for query, wanted in by_query.items():
        chosen = histories[query].take(np.array([number for _, number in wanted], np.int64))
        aligned = align(chosen, grid, round(LATE_STEPS * grid.step_ms)).values
        values[:, [place for place, _ in wanted]] = aligned.T
    return values
