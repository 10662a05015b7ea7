"""What a plan needs, taken from samples that are at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.series.matchers import matches_all

if TYPE_CHECKING:
    from pronoia.promql.plan import Plan, Selector
    from pronoia.series.frame import SeriesFrame


def frames_of(plan: Plan, store: SeriesFrame) -> dict[Selector, SeriesFrame]:
    """For each of the plan's selectors the series that match it, as `evaluate` takes them.

    Args:
        plan: from `compile`.
        store: any series, staleness markers included.
    """
    return {
        selector: store.take([i for i, labels in enumerate(store.labels) if matches_all(selector.matchers, labels)])
        for selector in plan.selectors
    }
