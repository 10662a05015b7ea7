"""What each failure comes to, once its signals, their queries and the defaults of `failure` are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.config.resolved import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.config.resolved import ResolvedQuery
    from pronoia.config.schema.failure import FailureSignal
    from pronoia.config.schema.guide.predictor import FailurePredictor
    from pronoia.config.schema.settings import Settings


@dataclass(frozen=True, slots=True)
class ResolvedSignal:
    """One signal: its name, PromQL, the upstream that answers it, and where the failure is."""

    name: str
    expr: str
    upstream: str
    limit: float


@dataclass(frozen=True, slots=True)
class ResolvedFailure:
    """One failure with nothing left open; plain values for the layers below.

    Args:
        name: value of the `failure` label.
        signals: what leads to it.
        horizons_seconds: ascending.
        history_seconds: how much of the past is read.
        step_seconds: distance of the samples that are kept of the older part.
        infer_every_seconds: time between predictions.
        max_age_seconds: age at which they are withdrawn.
        warning: probability from which causes are told.
    """

    name: str
    signals: tuple[ResolvedSignal, ...]
    horizons_seconds: tuple[int, ...]
    history_seconds: int
    step_seconds: int
    infer_every_seconds: int
    max_age_seconds: int
    warning: float


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
    """All failures, in the order of their first signals; the settings must have passed the checks."""
    section = settings.failure
    if not section.enabled:
        return ()
    queries = {query.name: query for query in resolve(settings)}
    by_failure: dict[str, list[ResolvedSignal]] = {}
    for signal in section.signals:
        by_failure.setdefault(signal.failure, []).append(_resolved(signal, settings, queries))
    return tuple(
        ResolvedFailure(
            name=failure,
            signals=tuple(signals),
            horizons_seconds=_horizons(settings),
            history_seconds=section.history.whole_seconds,
            step_seconds=section.step.whole_seconds,
            infer_every_seconds=section.infer_every.whole_seconds,
            max_age_seconds=section.max_age.whole_seconds,
            warning=failure_levels(settings)["warning"],
        )
        for failure, signals in by_failure.items()
    )


def _horizons(settings: Settings) -> tuple[int, ...]:
    guide = _guide(settings)
    if guide is not None and "time_horizons" in guide.model_fields_set:
        return tuple(minutes * 60 for minutes in guide.time_horizons)
    return tuple(sorted(each.whole_seconds for each in settings.failure.horizons))


def _guide(settings: Settings) -> FailurePredictor | None:
    return settings.performance_predictor.models.failure_predictor if settings.performance_predictor else None


def _resolved(signal: FailureSignal, settings: Settings, queries: Mapping[str, ResolvedQuery]) -> ResolvedSignal:
    query = queries.get(signal.query or "")
    upstream = query.upstream if query else signal.upstream or settings.upstreams[0].name
    return ResolvedSignal(signal.name, query.expr if query else signal.expr or "", upstream, signal.limit)
