"""The status page's table: how each query is doing."""

from __future__ import annotations

from collections import Counter
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
    """One row: a query or a resource, how many series it shows, its worst latest outcome, and which models speak.

    `models` counts series by model, the most frequent first; `weights` are the mean weights of the ensemble's members,
    the largest first, as whole per cents.
    """

    query: str
    n_series: int
    state: str
    reason: str
    models: str = ""
    weights: str = ""


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
    n_series, models, weights = _shown(shown)
    worst = min(outcomes, key=lambda outcome: _WORST_FIRST.index(outcome.state), default=None)
    if worst is None or worst.state is OutcomeState.OK:
        return QueryStatus(query, n_series, "ok", "", models, weights)
    state, reason = worst.state.value.replace("_", " "), f"{worst.stage}: {worst.detail}"
    return QueryStatus(query, n_series, state, reason, models, weights)


def _shown(shown: QueryForecast | BottleneckRisk | None) -> tuple[int, str, str]:
    if shown is None:
        return 0, "", ""
    if isinstance(shown, BottleneckRisk):
        return shown.n_subjects, shown.model.source, ""
    return shown.forecast.n_series, _models(shown), _weights(shown)


def _models(forecast: QueryForecast) -> str:
    return ", ".join(f"{model} {count}" for model, count in Counter(forecast.forecast.models).most_common())


def _weights(forecast: QueryForecast) -> str:
    weights = forecast.explanation.mean_weights if forecast.explanation else {}
    return ", ".join(f"{member} {share:.0%}" for member, share in sorted(weights.items(), key=lambda item: -item[1]))
