"""What to read for a plan: each range of raw samples once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.series import TimeRange

if TYPE_CHECKING:
    from pronoia.promql.plan import Plan, Selector
    from pronoia.series import Matcher


@dataclass(frozen=True, slots=True)
class PlannedRead:
    """One range of raw samples, for one or several selectors.

    Args:
        matchers: which series.
        time_range: from the earliest sample that a selector needs to the latest; evaluation takes what it needs.
        selectors: those that it serves, as the plan names them.
    """

    matchers: tuple[Matcher, ...]
    time_range: TimeRange
    selectors: tuple[Selector, ...]

    @property
    def position(self) -> int:
        """Where that of its selectors stands in the expression that reaches back furthest."""
        return max(self.selectors, key=lambda selector: selector.before_ms).position


def planned_reads(plan: Plan, start_ms: int, end_ms: int) -> tuple[PlannedRead, ...]:
    """The reads needed to evaluate from `start_ms` to `end_ms`.

    Selectors with the same matchers whose ranges overlap or touch are read once, over all of their ranges; those far
    apart (`x / x offset 1w`) are not joined, as what lies between them is of no use.
    """
    by_matchers: dict[frozenset[Matcher], list[PlannedRead]] = {}
    wanted = [
        PlannedRead(selector.matchers, selector.time_range(start_ms, end_ms), (selector,))
        for selector in plan.selectors
    ]
    for read in sorted(wanted, key=lambda read: read.time_range.start_ms):
        reads = by_matchers.setdefault(frozenset(read.matchers), [])
        if reads and read.time_range.start_ms <= reads[-1].time_range.end_ms + 1:
            reads[-1] = _joined(reads[-1], read)
        else:
            reads.append(read)
    return tuple(read for reads in by_matchers.values() for read in reads)


def _joined(before: PlannedRead, after: PlannedRead) -> PlannedRead:
    end_ms = max(before.time_range.end_ms, after.time_range.end_ms)
    return PlannedRead(
        before.matchers, TimeRange(before.time_range.start_ms, end_ms), before.selectors + after.selectors
    )
