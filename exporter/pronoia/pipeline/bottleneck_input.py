"""From the histories of queries to the load of one resource's subjects on slots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pronoia.errors import NoSeries
from pronoia.features.formula import parse_formula
from pronoia.features.load import OTHERS, STATIC, LoadHistory, bridge_single_gaps, to_scale
from pronoia.pipeline.slotted import on_slots
from pronoia.series import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.config.resolved_features import ResolvedMetric
    from pronoia.series import History, LabelSet

_BYTES_PER_KILOBYTE = 1_024.0
# On the scale of loads; beyond it, one is as overloaded as another.
_HIGHEST = 10.0


class Slots(NamedTuple):
    """Loads, other metrics and metrics of configured features, as `LoadHistory` has them.

    Args:
        load: float32 (n_subjects, n_slots).
        others: float32 (5, n_subjects, n_slots).
        further: float32 (n_metrics, n_subjects, n_slots).
    """

    load: NDArray[np.float32]
    others: NDArray[np.float32]
    further: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """What there is to see of one resource.

    Args:
        resource: which.
        utilisation: its query's history.
        companions: by kind, those of the other metrics.
        now_ms: the instant.
        further: by query, those that configured features are made of.
    """

    resource: ResolvedResource
    utilisation: History
    companions: Mapping[str, History]
    now_ms: int
    further: Mapping[str, History] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[LabelSet, ...]:
        """Of the subjects, which are the series of the utilisation."""
        return self.utilisation.labels

    @property
    def slot_now(self) -> int:
        """The slot that holds now, counted since the epoch. A slot holds its end, not its start."""
        return (self.now_ms - 1) // (self.resource.slot_seconds * 1000)

    def on_slots(self, first: int, n_slots: int) -> Slots:
        """What happened in slots from this one on, counted since the epoch."""
        slot_ms = self.resource.slot_seconds * 1000
        grid = Grid(first * slot_ms, slot_ms, n_slots)
        known = on_slots(self.utilisation, grid).astype(np.float64)
        load = np.minimum(to_scale(known, self.resource.threshold), np.float32(_HIGHEST))
        others = np.full((len(OTHERS), *load.shape), np.nan, np.float32)
        for kind, other in self.companions.items():
            if kind == "other_ratio":
                others[OTHERS.index(kind)] = self._of_systems(other, grid, is_ratio=True)
            else:
                rate = self._of_systems(other, grid, is_ratio=False)
                others[OTHERS.index(kind)] = np.log1p(rate / np.float32(_BYTES_PER_KILOBYTE))
        further = [self._metric(metric, grid) for metric in self.resource.features.metrics]
        return Slots(load, others, np.array(further, np.float32).reshape(len(further), *load.shape))

    def _metric(self, metric: ResolvedMetric, grid: Grid) -> NDArray[np.float64]:
        nothing = np.full((len(self.labels), grid.n_steps), np.nan)
        values = {
            name: self._of_systems(self.further[query], grid, is_ratio=is_ratio).astype(np.float64)
            if query in self.further
            else nothing
            for name, query, is_ratio in metric.queries
        }
        return parse_formula(metric.formula).evaluate(values)

    def _of_systems(self, other: History, grid: Grid, *, is_ratio: bool) -> NDArray[np.float32]:
        """Another metric of each subject's system, NaN if systems have no name."""
        entity = self.resource.entity
        rows = system_rows(other.labels, self.labels, entity) if entity else np.empty((len(self.labels), 0), np.int64)
        return joined(on_slots(other, grid), rows, is_ratio=is_ratio)

    def whole(self) -> LoadHistory:
        """All that is kept, which classifiers are fitted to.

        Raises:
            NoSeries: if no series has a sample in it.
        """
        slot_ms = self.resource.slot_seconds * 1000
        n_slots = max(self.resource.history_seconds * 1000 // slot_ms, 1) + 1
        begin = self.slot_now - n_slots + 1
        slots = self.on_slots(begin, n_slots)
        seen = np.isfinite(slots.load).any(axis=0)
        if not seen.any():
            raise NoSeries(f"no sample of {self.resource.name} within {self.resource.history_seconds} s")
        # Where nobody was known yet there is nothing to learn from, and no day has been seen.
        first = int(np.argmax(seen))
        static, systems = self.unchanging()
        return LoadHistory(
            labels=self.labels,
            grid=Grid((begin + first) * slot_ms, slot_ms, n_slots - first),
            load=bridge_single_gaps(slots.load[:, first:]),
            others=slots.others[:, :, first:],
            static=static,
            systems=systems,
            clean_slots=self.resource.clean_slots,
            hold_slots=self.resource.hold_slots,
            asked=self.resource.features.asked,
            further=slots.further[:, :, first:],
        )

    def unchanging(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """What `LoadHistory` calls static, which queries do not tell, and systems: all subjects are peers."""
        n_subjects = len(self.labels)
        return np.full((n_subjects, len(STATIC)), np.nan, np.float32), np.zeros(n_subjects, np.int64)


def system_rows(
    others: tuple[LabelSet, ...], labels: tuple[LabelSet, ...], entity: tuple[str, ...]
) -> NDArray[np.int64]:
    """For each subject, the series of another metric that are of the same system.

    Returns:
        int64 (n_subjects, most devices of one system), -1 where there are no more.
    """
    rows_of: dict[tuple[str, ...], list[int]] = {}
    for row, each in enumerate(others):
        rows_of.setdefault(_system(each, entity), []).append(row)
    found = [rows_of.get(_system(each, entity), []) for each in labels]
    rows = np.full((len(labels), max(map(len, found), default=0)), -1, np.int64)
    for subject, each_rows in enumerate(found):
        rows[subject, : len(each_rows)] = each_rows
    return rows


def joined(values: NDArray[np.float32], rows: NDArray[np.int64], *, is_ratio: bool) -> NDArray[np.float32]:
    """Another metric of each subject's system: the highest ratio, or the sum over its devices.

    Args:
        values: float32 (n_series, n_slots).
        rows: as `system_rows` gives them.
        is_ratio: whether the metric is a ratio.
    """
    result = np.full((len(rows), values.shape[1]), np.nan, np.float32)
    for device in range(rows.shape[1]):
        has_more = np.flatnonzero(rows[:, device] >= 0)
        further, both = values[rows[has_more, device]], result[has_more]
        summed = np.where(np.isnan(both), further, both + np.nan_to_num(further))
        result[has_more] = np.fmax(both, further) if is_ratio else summed
    return result


def _system(labels: LabelSet, entity: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(labels.get(name, "") or "" for name in entity)
