"""The landing page's table: how each query is doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.predictions.outcome import OutcomeState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.predictions.outcome import StageOutcome
    from pronoia.predictions.snapshot import Snapshot

_WORST_FIRST = (OutcomeState.FAILED, OutcomeState.NO_DATA, OutcomeState.OK)


@dataclass(frozen=True, slots=True)
class QueryStatus:
    """One row: a query, how many series it shows, and its worst latest outcome."""

    query: str
    n_series: int
    state: str
    reason: str


def query_statuses(snapshot: Snapshot) -> tuple[QueryStatus, ...]:
    """The state of every query in a snapshot, in the snapshot's order."""
    outcomes: dict[str, list[StageOutcome]] = {}
    for outcome in snapshot.outcomes:
        outcomes.setdefault(outcome.query, []).append(outcome)
    n_series = {each.query: each.forecast.n_series for each in snapshot.forecasts}
    queries = dict.fromkeys([*outcomes, *n_series])
    return tuple(_status(query, n_series.get(query, 0), outcomes.get(query, ())) for query in queries)


def _status(query: str, n_series: int, outcomes: Sequence[StageOutcome]) -> QueryStatus:
    worst = min(outcomes, key=lambda outcome: _WORST_FIRST.index(outcome.state), default=None)
    if worst is None or worst.state is OutcomeState.OK:
        return QueryStatus(query, n_series, "ok", "")
    return QueryStatus(query, n_series, worst.state.value.replace("_", " "), f"{worst.stage}: {worst.detail}")
