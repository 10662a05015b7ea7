"""When a failure happened: signals at their limits, and conditions that say so, joined to systems by their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.failure.firings import SAME_FIRING_SECONDS
from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pronoia.series import LabelSet, SeriesFrame


@dataclass(frozen=True, slots=True, eq=False)
class Occurrences:
    """When a failure happened to one system.

    Args:
        starts_seconds: float64 (n,), rising, when it began.
        ends_seconds: float64 (n,), when it was last seen; none before its start, or after the next one.
    """

    starts_seconds: NDArray[np.float64]
    ends_seconds: NDArray[np.float64]


def spans_of(times_seconds: NDArray[np.float64], same_seconds: float = SAME_FIRING_SECONDS) -> Occurrences:
    """Spans of instants at which it is so; what begins within five minutes of the end of another is the same.

    >>> spans = spans_of(np.array([60.0, 120.0, 900.0]))
    >>> spans.starts_seconds.tolist(), spans.ends_seconds.tolist()
    ([60.0, 900.0], [120.0, 900.0])
    """
    times = np.sort(times_seconds)
    is_start = np.diff(times, prepend=-np.inf) > same_seconds
    is_end = np.append(is_start[1:], True)[: len(times)]
    return Occurrences(times[is_start], times[is_end])


def joined(each: Sequence[Occurrences], same_seconds: float = SAME_FIRING_SECONDS) -> Occurrences:
    """Those of several sources as one: what overlaps, or is less than five minutes apart, is the same."""
    starts = np.concatenate([one.starts_seconds for one in each]) if each else np.empty(0)
    order = np.argsort(starts, kind="stable")
    starts = starts[order]
    ends = np.maximum.accumulate(np.concatenate([one.ends_seconds for one in each])[order]) if each else np.empty(0)
    is_start = np.append(True, starts[1:] - ends[:-1] > same_seconds)[: len(starts)]
    is_end = np.append(is_start[1:], True)[: len(starts)]
    return Occurrences(starts[is_start], ends[is_end])


def speaks_of(condition: LabelSet, system: LabelSet) -> bool:
    """Whether a condition's series speaks of a system: labels that both have agree, and one has all of the other's.

    One without labels speaks of all; one of a machine speaks of all its disks, one of a container of no machine.

    >>> from pronoia.series import LabelSet
    >>> disk = LabelSet({"instance": "a", "mountpoint": "/"})
    >>> [speaks_of(LabelSet(each), disk) for each in ({}, {"instance": "a"}, {"instance": "b"}, {"pod": "x"})]
    [True, True, False, False]
    """
    one, other = dict(condition.without(METRIC_NAME)), dict(system.without(METRIC_NAME))
    smaller, larger = sorted((one, other), key=len)
    return (bool(smaller) or not one) and all(larger.get(name) == value for name, value in smaller.items())


def occurrences_of(
    systems: Sequence[LabelSet],
    conditions: Sequence[SeriesFrame],
    times_at_limit: Mapping[int, NDArray[np.float64]],
    same_seconds: float = SAME_FIRING_SECONDS,
) -> tuple[Occurrences, ...]:
    """When each system failed.

    Args:
        systems: n_systems label sets.
        conditions: series that have samples while it happens.
        times_at_limit: the instants in seconds at which a signal of a system is at its limit, by the system's number.
        same_seconds: what begins so soon after the end of another is the same.
    """
    told = [
        (labels, spans_of(_known_seconds(times, values), same_seconds))
        for frame in conditions
        for labels, times, values in frame
    ]
    found = []
    for number, system in enumerate(systems):
        each = [spans for labels, spans in told if speaks_of(labels, system)]
        if number in times_at_limit:
            each.append(spans_of(times_at_limit[number], same_seconds))
        found.append(joined(each, same_seconds))
    return tuple(found)


def _known_seconds(times_ms: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    return times_ms[np.isfinite(values)] / 1_000.0
