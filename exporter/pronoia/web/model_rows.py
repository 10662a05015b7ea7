"""The status page's models: who speaks for what, and how right that has been since it came due."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.exposition import anomaly_families, families
from pronoia.exposition.text import format_number
from pronoia.predictions.failure import ANY
from pronoia.web.quality_words import NOT_KNOWN, by_horizon, number, share, span, told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pronoia.exposition.family import Family
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.predictions.anomaly_watch import AnomalyWatch
    from pronoia.predictions.bottleneck import BottleneckRisk
    from pronoia.predictions.forecast import QueryForecast
    from pronoia.predictions.snapshot import Snapshot

    Known = Mapping[Family, Mapping[tuple[str, ...], float]]

_FAMILIES = (
    families.FORECAST_COVERAGE,
    families.FORECAST_MASE,
    families.FORECAST_MATURED,
    families.BOTTLENECK_SKILL,
    families.BOTTLENECK_PRECISION,
    families.BOTTLENECK_RECALL,
    families.BOTTLENECK_LEAD,
    families.BOTTLENECK_MATURED,
    families.INCIDENTS_JUDGED,
    families.INCIDENT_PRECISION,
    families.INCIDENT_LEAD,
    anomaly_families.ANOMALY_SCORED,
    anomaly_families.ANOMALY_EPISODES,
)
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """A query: how many series each model speaks for (the most first), and how its forecasts turned out.

    `weights` are the mean weights of the ensemble's members, `coverage` is that of the configured interval by horizon,
    `error` is in terms of seasonal-naive's, `n_due` forecasts were compared.
    """

    query: str
    models: str
    weights: str
    coverage: str
    error: str
    n_due: int


@dataclass(frozen=True, slots=True)
class OverloadRow:
    """A resource: which model speaks for how many systems, and how its probabilities turned out, by horizon."""

    resource: str
    model: str
    n_systems: int
    skill: str
    precision: str
    recall: str
    lead: str
    n_due: int


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A failure: what speaks for how many systems, and how many failures it was learnt from."""

    failure: str
    speaker: str
    n_systems: int
    n_events: int


@dataclass(frozen=True, slots=True)
class AnomalyRow:
    """A watch: what scores how many subjects, and how often a day each becomes unusual, beside what is aimed at."""

    watch: str
    detector: str
    n_subjects: int
    episodes: str


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A predicted alert: of how many it is known, the share that was right, and how long before it had been told."""

    alert: str
    n_judged: int
    precision: str
    lead: str


@dataclass(frozen=True, slots=True)
class ModelRows:
    """All of them, in the order of the snapshot; alerts by name."""

    forecasts: tuple[ForecastRow, ...]
    overloads: tuple[OverloadRow, ...]
    failures: tuple[FailureRow, ...]
    anomalies: tuple[AnomalyRow, ...]
    alerts: tuple[AlertRow, ...]


def model_rows(snapshot: Snapshot, telemetry: Telemetry) -> ModelRows:
    """What speaks in a snapshot, with what `/metrics` tells of its quality."""
    known = {family: telemetry.values(family) for family in _FAMILIES}
    told_of = (families.INCIDENTS_JUDGED, families.INCIDENT_PRECISION, families.INCIDENT_LEAD)
    judged, precision, lead = (known[family] for family in told_of)
    return ModelRows(
        tuple(_forecast(each, known) for each in snapshot.forecasts),
        tuple(_overload(each, known) for each in snapshot.bottlenecks),
        tuple(
            FailureRow(each.failure, each.speaker, each.n_subjects, each.n_events)
            for each in snapshot.failures
            if each.failure != ANY
        ),
        tuple(_anomaly(each, known) for each in snapshot.anomalies),
        tuple(
            AlertRow(alert, int(n_judged), told(precision.get((alert,)), share), told(lead.get((alert,)), span))
            for (alert,), n_judged in sorted(judged.items())
        ),
    )


def _forecast(each: QueryForecast, known: Known) -> ForecastRow:
    level, weights = each.forecast.level, each.explanation.mean_weights if each.explanation else {}
    of_level = {
        horizon: inside
        for (query, horizon, of), inside in known[families.FORECAST_COVERAGE].items()
        if (query, of) == (each.query, format_number(level))
    }
    coverage = by_horizon(each.horizons_seconds, of_level, share)
    return ForecastRow(
        each.query,
        ", ".join(f"{model} {count}" for model, count in Counter(each.forecast.models).most_common()),
        ", ".join(f"{member} {weight:.0%}" for member, weight in sorted(weights.items(), key=lambda item: -item[1])),
        coverage if coverage == NOT_KNOWN else f"{coverage}; meant to be {100 * level:.4g}%",
        told(known[families.FORECAST_MASE].get((each.query,)), number),
        int(known[families.FORECAST_MATURED].get((each.query,), 0.0)),
    )


def _overload(risk: BottleneckRisk, known: Known) -> OverloadRow:
    def of_state(family: Family, words: Callable[[float], str]) -> str:
        known_of = {
            horizon: value
            for (resource, horizon, target), value in known[family].items()
            if (resource, target) == (risk.resource, "state")
        }
        return by_horizon(risk.horizons_seconds, known_of, words)

    learnt = f" of {risk.model.n_events} overloads" if risk.model.n_events else ""
    return OverloadRow(
        risk.resource,
        f"{risk.model.source}{learnt}{', with a network' if risk.model.has_neural else ''}",
        risk.n_subjects,
        of_state(families.BOTTLENECK_SKILL, number),
        of_state(families.BOTTLENECK_PRECISION, share),
        of_state(families.BOTTLENECK_RECALL, share),
        told(known[families.BOTTLENECK_LEAD].get((risk.resource,)), span),
        int(known[families.BOTTLENECK_MATURED].get((risk.resource,), 0.0)),
    )


def _anomaly(each: AnomalyWatch, known: Known) -> AnomalyRow:
    days = known[anomaly_families.ANOMALY_SCORED].get((each.name,), 0.0) / _DAY_SECONDS
    n_episodes = known[anomaly_families.ANOMALY_EPISODES].get((each.name,), 0.0)
    often = NOT_KNOWN if days < 1.0 else f"{n_episodes / days:.2g} of each"
    return AnomalyRow(
        each.name,
        each.detector,
        each.n_subjects,
        f"{often}; at most {each.false_alarms_per_day:g} are meant to be false",
    )
