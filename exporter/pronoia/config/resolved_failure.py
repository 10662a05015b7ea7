"""What each failure comes to, once its signals, their queries and the defaults of `failure` are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.config.failure_sources import conditions_in_use, signals_in_use
from pronoia.config.resolved import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.config.resolved import ResolvedQuery
    from pronoia.config.schema.failure import FailureCondition, FailureSignal
    from pronoia.config.schema.guide.predictor import FailurePredictor
    from pronoia.config.schema.settings import Settings


# What names a system where nothing else is said.
_USUAL_ENTITY = ("cluster", "namespace", "pod", "instance")


@dataclass(frozen=True, slots=True)
class ResolvedSignal:
    """One signal.

    Args:
        name: value of the `signal` label.
        expr: PromQL.
        upstream: name of the upstream that answers it.
        limit: where the failure is.
        query: name of the query whose history it takes; empty if it reads for itself.
        history_seconds: how much of the past is known.
        step_seconds: distance of the samples that are kept of its older part.
        read_every_seconds: time between two reads.
    """

    name: str
    expr: str
    upstream: str
    limit: float
    query: str
    history_seconds: int
    step_seconds: int
    read_every_seconds: int


@dataclass(frozen=True, slots=True)
class ResolvedCondition:
    """What says that a failure has happened: PromQL, the upstream that answers it, and how much is looked at."""

    expr: str
    upstream: str
    history_seconds: int


@dataclass(frozen=True, slots=True)
class ResolvedFailure:
    """One failure with nothing left open; plain values for the layers below.

    Args:
        name: value of the `failure` label.
        signals: what leads to it; none where conditions alone tell of it.
        conditions: what says that it has happened.
        entity: labels that name the system.
        horizons_seconds: ascending.
        history_seconds: how much of the past is read.
        step_seconds: distance of the samples that are kept of the older part.
        infer_every_seconds: time between predictions.
        fit_every_seconds: time between fits to what happened.
        max_age_seconds: age at which they are withdrawn.
        warning: probability from which causes are told.
    """

    name: str
    signals: tuple[ResolvedSignal, ...]
    conditions: tuple[ResolvedCondition, ...]
    entity: tuple[str, ...]
    horizons_seconds: tuple[int, ...]
    history_seconds: int
    step_seconds: int
    infer_every_seconds: int
    fit_every_seconds: int
    max_age_seconds: int
    warning: float

    @property
    def upstreams(self) -> frozenset[str]:
        """Names of those that it reads."""
        return frozenset(each.upstream for each in self.signals) | {each.upstream for each in self.conditions}

    @property
    def queries(self) -> frozenset[str]:
        """Names of the queries whose histories it takes."""
        return frozenset(signal.query for signal in self.signals if signal.query)


@dataclass(frozen=True, slots=True)
class ResolvedAlerts:
    """The user's own alerts: where their history is, how much of it is read, and what is told of them when."""

    upstream: str
    history_seconds: int
    step_seconds: int
    horizons_seconds: tuple[int, ...]
    infer_every_seconds: int
    max_age_seconds: int


def resolve_alerts(settings: Settings) -> ResolvedAlerts | None:
    """How the user's own alerts are learnt; None if they are not."""
    section = settings.failure
    if not (section.enabled and section.learnt_alerts.enabled):
        return None
    return ResolvedAlerts(
        upstream=section.learnt_alerts.upstream or settings.upstreams[0].name,
        history_seconds=section.learnt_alerts.history.whole_seconds,
        step_seconds=section.step.whole_seconds,
        horizons_seconds=_horizons(settings),
        infer_every_seconds=section.infer_every.whole_seconds,
        max_age_seconds=section.max_age.whole_seconds,
    )


def failure_levels(settings: Settings) -> dict[str, float]:
    """Probabilities from which each level speaks: the guide's, if it gives them, else those of `failure`."""
    guide = _guide(settings)
    if guide is not None and "alert_thresholds" in guide.model_fields_set:
        return {name: float(value) for name, value in guide.alert_thresholds}
    return dict(settings.failure.alert_thresholds)


def resolve_failures(settings: Settings) -> tuple[ResolvedFailure, ...]:
    """All failures, in the order of their first signals and conditions; the settings must have passed the checks."""
    section = settings.failure
    if not section.enabled:
        return ()
    queries = {query.name: query for query in resolve(settings)}
    signals, conditions = signals_in_use(settings), conditions_in_use(settings)
    return tuple(
        ResolvedFailure(
            name=failure,
            signals=tuple(_resolved(each, settings, queries) for each in signals if each.failure == failure),
            conditions=tuple(_condition(each, settings) for each in conditions if each.failure == failure),
            entity=tuple(
                dict.fromkeys(label for each in signals if each.failure == failure for label in _entity(each, queries))
            )
            or _USUAL_ENTITY,
            horizons_seconds=_horizons(settings),
            history_seconds=section.history.whole_seconds,
            step_seconds=section.step.whole_seconds,
            infer_every_seconds=section.infer_every.whole_seconds,
            fit_every_seconds=section.fit_every.whole_seconds,
            max_age_seconds=section.max_age.whole_seconds,
            warning=failure_levels(settings)["warning"],
        )
        for failure in dict.fromkeys([*(each.failure for each in signals), *(each.failure for each in conditions)])
    )


def _horizons(settings: Settings) -> tuple[int, ...]:
    guide = _guide(settings)
    if guide is not None and "time_horizons" in guide.model_fields_set:
        return tuple(minutes * 60 for minutes in guide.time_horizons)
    return tuple(sorted(each.whole_seconds for each in settings.failure.horizons))


def _guide(settings: Settings) -> FailurePredictor | None:
    return settings.performance_predictor.models.failure_predictor if settings.performance_predictor else None


def _resolved(signal: FailureSignal, settings: Settings, queries: Mapping[str, ResolvedQuery]) -> ResolvedSignal:
    section = settings.failure
    query = queries.get(signal.query or "")
    if query is None:
        upstream = signal.upstream or settings.upstreams[0].name
        history, step = section.history.whole_seconds, section.step.whole_seconds
        every = section.infer_every.whole_seconds
        return ResolvedSignal(signal.name, signal.expr or "", upstream, signal.limit, "", history, step, every)
    return ResolvedSignal(
        signal.name,
        query.expr,
        query.upstream,
        signal.limit,
        query.name,
        query.history_seconds,
        query.step_seconds,
        query.infer_every_seconds,
    )


def _condition(condition: FailureCondition, settings: Settings) -> ResolvedCondition:
    upstream = condition.upstream or settings.upstreams[0].name
    return ResolvedCondition(condition.expr, upstream, condition.history.whole_seconds)


def _entity(signal: FailureSignal, queries: Mapping[str, ResolvedQuery]) -> tuple[str, ...]:
    query = queries.get(signal.query or "")
    return signal.entity or (query.entity if query else ()) or _USUAL_ENTITY
