"""The status page's table: how each query is doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.predictions.bottleneck import BottleneckRisk, stage_name
from pronoia.predictions.outcome import OutcomeState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.predictions.forecast import QueryForecast
    from pronoia.predictions.outcome import StageOutcome
    from pronoia.predictions.snapshot import Snapshot

_WORST_FIRST = (OutcomeState.FAILED, OutcomeState.NO_DATA, OutcomeState.OK)


@dataclass(frozen=True, slots=True)
class QueryStatus:
    """One row: a query or a resource, how many series it shows, and its worst latest outcome."""

    query: str
    n_series: int
    state: str
    reason: str


def query_statuses(snapshot: Snapshot) -> tuple[QueryStatus, ...]:
    """The state of every query and every resource in a snapshot, in the snapshot's order."""
    outcomes: dict[str, list[StageOutcome]] = {}
    for outcome in snapshot.outcomes:
        outcomes.setdefault(outcome.query, []).append(outcome)
    forecasts = {each.query: each for each in snapshot.forecasts}
    risks = {stage_name(each.resource): each for each in snapshot.bottlenecks}
    queries = dict.fromkeys([*outcomes, *forecasts, *risks])
    return tuple(_status(query, forecasts.get(query) or risks.get(query), outcomes.get(query, ())) for query in queries)


def _status(query: str, shown: QueryForecast | BottleneckRisk | None, outcomes: Sequence[StageOutcome]) -> QueryStatus:
    n_series = _n_series(shown)
    worst = min(outcomes, key=lambda outcome: _WORST_FIRST.index(outcome.state), default=None)
    if worst is None or worst.state is OutcomeState.OK:
        return QueryStatus(query, n_series, "ok", "")
    return QueryStatus(query, n_series, worst.state.value.replace("_", " "), f"{worst.stage}: {worst.detail}")


def _n_series(shown: QueryForecast | BottleneckRisk | None) -> int:
    if shown is None:
        return 0
    return shown.n_subjects if isinstance(shown, BottleneckRisk) else shown.forecast.n_series
