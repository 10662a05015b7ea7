"""Telemetry: what the running parts report of themselves, as `/metrics` shows it."""

from __future__ import annotations

import math
import platform
import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from pronoia.exposition import anomaly_families, failure_families, families
from pronoia.exposition.family import Place
from pronoia.exposition.store import MetricStore
from pronoia.exposition.text import format_number
from pronoia.predictions.anomaly_watch import anomaly_stage
from pronoia.predictions.bottleneck import stage_name
from pronoia.predictions.failure import ALERTS_STAGE, failure_stage
from pronoia.predictions.incident import OUTCOMES, VERDICTS
from pronoia.predictions.outcome import OutcomeState
from pronoia.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from pronoia.exposition.family import Family
    from pronoia.exposition.predictions import Exposed
    from pronoia.predictions.anomaly_watch import AnomalyWatch
    from pronoia.predictions.bottleneck import BottleneckRisk, RiskModel, RiskScore
    from pronoia.predictions.outcome import StageOutcome
    from pronoia.transport.observer import RequestDetails

_OWN = tuple(family for family in families.FAMILIES if family.place is Place.METRICS)
_OF_QUERIES = tuple(family for family in _OWN if "query" in family.labels)
_OF_RESOURCES = tuple(family for family in _OWN if "resource" in family.labels)
_OF_WATCHES = tuple(family for family in _OWN if "watch" in family.labels)
_OF_UPSTREAMS = tuple(family for family in _OWN if "upstream" in family.labels)

# Label values known in advance, so that their counters stand at 0 before anything happens.
_STAGES = ("read", "fit", "predict")
_RISK_STAGES = ("read", "predict")
_FAILURE_STAGE = failure_stage("")
_FAILURE_STAGES = ("read", "predict")
_ANOMALY_FIT_OUTCOMES = ("fitted", "not_possible", "failed")
_FAILURE_FIT_OUTCOMES = ("accepted", "calibrated", "not_possible", "failed", "not_saved")
_FIT_OUTCOMES = ("accepted", "rejected", "not_possible", "failed", "timed_out")
_READ_PATHS = ("remote_read", "query_api")
_FALLBACKS = ("chunk_encoding", "no_remote_read", "native_histograms")
_REJECTIONS = ("unauthenticated", "token_unreadable", "too_large", "malformed", "version", "busy", "store")
LOG_LEVELS = ("debug", "info", "warn", "error")


class Telemetry:
    """One typed method per kind of report; thread-safe, quick, and none of them raises on odd data.

    It has a registry of its own. Also a `transport.observer.RequestObserver`.

    Args:
        revision: source revision for `pronoia_build_info`, if known.
        clock: Unix time in seconds.
    """

    def __init__(self, revision: str = "", clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._store = MetricStore(_OWN)
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self._store)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._store.put(
            families.BUILD_INFO, 1, version=__version__, revision=revision, pythonversion=platform.python_version()
        )
        self._store.add(families.WORKER_RESTARTS, 0)
        for level in LOG_LEVELS:
            self._store.add(families.LOG_MESSAGES, 0, level=level)
        self.on_webhook(n_firing=0, n_resolved=0, n_duplicates=0)
        for reason in _REJECTIONS:
            self.on_webhook_rejected(reason, 0)
        for outcome in OUTCOMES:
            self._store.add(families.INCIDENTS_CLOSED, 0, outcome=outcome)
        for verdict in VERDICTS:
            self._store.add(families.INCIDENT_FEEDBACK, 0, verdict=verdict)

    def values(self, family: Family) -> dict[tuple[str, ...], float]:
        """What `/metrics` shows of a gauge or counter now, by the values of the family's labels in their order."""
        return self._store.values(family)

    # What there is: called at the start and after each reload.

    def keep_queries(
        self,
        queries: Iterable[str],
        resources: Iterable[str] = (),
        failures: Iterable[str] = (),
        watches: Iterable[str] = (),
    ) -> None:
        """Announce the configured queries, resources, failures (by their stages' names) and watches of anomalies.

        All others are forgotten.
        """
        kept, kept_resources, kept_watches = (dict.fromkeys(names) for names in (queries, resources, watches))
        of_failures = list(failures)
        others = {*map(stage_name, kept_resources), *map(anomaly_stage, kept_watches), *of_failures}
        stages = kept.keys() | others
        self._forget(_OF_QUERIES, "query", stages)
        self._forget(_OF_RESOURCES, "resource", kept_resources.keys())
        self._forget(_OF_WATCHES, "watch", kept_watches.keys())
        for resource in kept_resources:
            for stage in _RISK_STAGES:
                self._store.add(families.STAGE_RUNS, 0, query=stage_name(resource), stage=stage)
            for outcome in _FIT_OUTCOMES:
                self._store.add(families.BOTTLENECK_FITS, 0, resource=resource, outcome=outcome)
        for watch in kept_watches:
            for outcome in _ANOMALY_FIT_OUTCOMES:
                self.on_anomaly_fits(watch, outcome, 0)
            for stage in _FAILURE_STAGES:
                self._store.add(families.STAGE_RUNS, 0, query=anomaly_stage(watch), stage=stage)
        self._keep_failures(of_failures)
        for query in kept:
            self._store.add(families.FORECAST_MATURED, 0, query=query)
            for stage in _STAGES:
                self._store.add(families.STAGE_RUNS, 0, query=query, stage=stage)

    def _keep_failures(self, stages: Sequence[str]) -> None:
        for name in stages:
            for stage in _FAILURE_STAGES:
                self._store.add(families.STAGE_RUNS, 0, query=name, stage=stage)
        fitted = {name.removeprefix(_FAILURE_STAGE) for name in stages if name != ALERTS_STAGE}
        for failure in self._store.label_values(failure_families.FAILURE_FITS, "failure") - fitted:
            self._store.remove(failure_families.FAILURE_WORK_FAMILIES, failure=failure)
        for failure in fitted:
            for outcome in _FAILURE_FIT_OUTCOMES:
                self._store.add(failure_families.FAILURE_FITS, 0, failure=failure, outcome=outcome)

    def keep_upstreams(self, upstreams: Iterable[str]) -> None:
        """Announce the configured upstreams and forget all series of others."""
        kept = dict.fromkeys(upstreams)
        self._forget(_OF_UPSTREAMS, "upstream", kept.keys())
        for upstream in kept:
            for reason in _FALLBACKS:
                self._store.add(families.UPSTREAM_FALLBACKS, 0, upstream=upstream, reason=reason)

    def on_reload(self, *, success: bool, at_seconds: float) -> None:
        """The configuration was loaded, or a reload was refused."""
        self._store.put(families.RELOAD_SUCCESSFUL, success)
        if success:
            self._store.put(families.RELOAD_TIMESTAMP, at_seconds)

    # Upstreams.

    def on_request(self, details: RequestDetails) -> None:
        """A request to an upstream ended."""
        way = {"upstream": details.upstream, "path": details.path}
        self._store.add(families.UPSTREAM_REQUESTS, 1, **way, code=details.outcome)
        self._store.observe(families.UPSTREAM_REQUEST_DURATION, details.duration_seconds, **way)
        self._store.add(families.UPSTREAM_RECEIVED, details.received_bytes, **way)
        self._store.add(families.UPSTREAM_SAMPLES, details.n_samples, **way)
        self._store.add(families.UPSTREAM_HISTOGRAMS, details.n_histograms, **way)

    def on_retry(self, upstream: str, reason: str) -> None:
        """A request is tried again."""
        self._store.add(families.UPSTREAM_RETRIES, 1, upstream=upstream, reason=reason)

    def on_fallback(self, upstream: str, reason: str) -> None:
        """Another way of reading was chosen."""
        self._store.add(families.UPSTREAM_FALLBACKS, 1, upstream=upstream, reason=reason)

    def on_upstream(self, upstream: str, *, up: bool, path: str) -> None:
        """The last read worked or not; `path` is the way of reading in use."""
        self._store.put(families.UPSTREAM_UP, up, upstream=upstream)
        for each in _READ_PATHS:
            self._store.put(families.UPSTREAM_PATH, each == path, upstream=upstream, path=each)

    def on_query_path(self, query: str, path: str) -> None:
        """The way of reading a query."""
        for each in _READ_PATHS:
            self._store.put(families.QUERY_PATH, each == path, query=query, path=each)

    # Cycles.

    def on_tick(self, at_seconds: float) -> None:
        """The scheduler is alive."""
        self._store.put(families.SCHEDULER_LAST_TICK, at_seconds)

    def on_round_skipped(self, query: str) -> None:
        """A query was due while its last round still ran."""
        self._store.add(families.STAGE_SKIPS, 1, query=query, stage="round", reason="still_running")

    def on_worker_restart(self) -> None:
        """Worker processes had to be replaced."""
        self._store.add(families.WORKER_RESTARTS, 1)

    def on_outcome(self, outcome: StageOutcome) -> None:
        """A stage of a query ended."""
        stage = {"query": outcome.query, "stage": outcome.stage}
        self._store.put(families.STAGE_DURATION, outcome.duration_seconds, **stage)
        self._store.add(families.STAGE_RUNS, 1, **stage)
        if outcome.state is OutcomeState.OK:
            self._store.put(families.STAGE_LAST_SUCCESS, self._clock(), **stage)
        else:
            failed = outcome.state is OutcomeState.FAILED
            family = families.STAGE_FAILURES if failed else families.STAGE_SKIPS
            self._store.add(family, 1, **stage, reason=outcome.reason)

    def on_series(self, query: str, *, active: int, dropped: Mapping[str, int]) -> None:
        """Series of a query that have a forecast, and those left out of this cycle by reason."""
        self._store.put(families.SERIES_ACTIVE, active, query=query)
        for reason, n_series in dropped.items():
            self._store.add(families.SERIES_DROPPED, n_series, query=query, reason=reason)

    def on_snapshot(self, taken_at_seconds: float) -> None:
        """A snapshot was published."""
        self._store.put(families.SNAPSHOT_TIMESTAMP, taken_at_seconds)

    def on_exposed(self, exposed: Exposed) -> None:
        """The predictions page was rendered."""
        self._store.put(families.PREDICTIONS_SERIES, exposed.n_series)
        self._store.put(families.PREDICTIONS_SERIES_LIMIT, exposed.max_series)
        self._store.put(families.PREDICTIONS_RENDER_DURATION, exposed.duration_seconds)
        for query, n_series in exposed.renamed.items():
            self._store.put(families.SERIES_RENAMED, n_series, query=query)
        for (query, reason), n_series in exposed.dropped.items():
            self._store.add(families.SERIES_DROPPED, n_series, query=query, reason=reason)

    # Models.

    def on_fit(
        self,
        query: str,
        *,
        series_by_model: Mapping[str, int],
        member_weights: Mapping[str, float],
        guarded: int,
        failures: Mapping[str, int],
        duration_seconds: float,
        at_seconds: float,
    ) -> None:
        """A fit ended: which model speaks for how many series, members' mean weights, and what failed by reason."""
        self._store.remove([families.MODEL_SERIES, families.MEMBER_WEIGHT], query=query)
        for model, n_series in series_by_model.items():
            self._store.put(families.MODEL_SERIES, n_series, query=query, model=model)
        for member, weight in member_weights.items():
            self._store.put(families.MEMBER_WEIGHT, weight, query=query, member=member)
        self.on_fit_failures(query, failures)
        self._store.put(families.FORECAST_GUARDED, guarded, query=query)
        self._store.put(families.MODEL_FIT_DURATION, duration_seconds, query=query)
        self._store.put(families.MODEL_FIT_TIMESTAMP, at_seconds, query=query)

    def on_calendar(self, query: str, *, n_series_by_event: Mapping[str, int], n_local: int) -> None:
        """A fit knew of a calendar: for how many series each event is used, and how many follow a changing clock."""
        self._store.remove([families.EVENT_SERIES], query=query)
        for event, n_series in n_series_by_event.items():
            self._store.put(families.EVENT_SERIES, n_series, query=query, event=event)
        self._store.put(families.LOCAL_CLOCK_SERIES, n_local, query=query)

    def on_event_read_failure(self, event: str, reason: str) -> None:
        """An event's query could not be read."""
        self._store.add(families.EVENT_READ_FAILURES, 1, event=event, reason=reason)

    def on_fit_failures(self, query: str, failures: Mapping[str, int]) -> None:
        """How often what failed in a fit, by reason."""
        for reason, n_failures in failures.items():
            self._store.add(families.MODEL_FIT_FAILURES, n_failures, query=query, reason=reason)

    def on_quality(
        self, query: str, *, level: float, coverage: Mapping[float, Mapping[str, float]], mase: float, n_matured: int
    ) -> None:
        """How forecasts that have come due compare with what was observed; `n_matured` of them since the last call.

        `level` is the configured one; `coverage` is by level and horizon.
        """
        self._store.put(families.FORECAST_LEVEL, level, query=query)
        if math.isfinite(mase):
            self._store.put(families.FORECAST_MASE, mase, query=query)
        self._store.add(families.FORECAST_MATURED, n_matured, query=query)
        for each, by_horizon in coverage.items():
            for horizon, share in by_horizon.items():
                told = {"query": query, "horizon": horizon, "level": format_number(each)}
                self._store.put(families.FORECAST_COVERAGE, share, **told)

    # Anomalies.

    def on_anomalies(self, told: AnomalyWatch, *, n_episodes: int, scored_seconds: float) -> None:
        """A round of a watch ended; episodes and time of its subjects together are those since the last round."""
        watch = {"watch": told.name}
        self._store.put(anomaly_families.ANOMALY_SUBJECTS, sum(told.score == told.score), **watch)
        self._store.put(anomaly_families.ANOMALY_AIM, told.false_alarms_per_day, **watch)
        self._store.add(anomaly_families.ANOMALY_EPISODES, n_episodes, **watch)
        self._store.add(anomaly_families.ANOMALY_SCORED, scored_seconds, **watch)
        self._store.remove([anomaly_families.ANOMALY_SKIPPED], **watch)
        for reason, n_skipped in told.skipped.items():
            self._store.put(anomaly_families.ANOMALY_SKIPPED, n_skipped, **watch, reason=reason)

    def on_anomalies_withdrawn(self, watch: str) -> None:
        """What a watch said is too old."""
        self._store.put(anomaly_families.ANOMALY_SUBJECTS, 0, watch=watch)

    def on_anomaly_fits(self, watch: str, outcome: str, n_subjects: int) -> None:
        """What is usual for some series or systems was learnt: fitted, not_possible or failed."""
        self._store.add(anomaly_families.ANOMALY_FITS, n_subjects, watch=watch, outcome=outcome)

    # Bottlenecks.

    def on_bottleneck_levels(self, levels: Mapping[str, float]) -> None:
        """Probabilities from which each level speaks, by its name."""
        for level, probability in levels.items():
            self._store.put(families.BOTTLENECK_LEVELS, probability, level=level)

    def on_failure_levels(self, levels: Mapping[str, float]) -> None:
        """Probabilities from which each level of failure alerts speaks, by its name."""
        for level, probability in levels.items():
            self._store.put(families.FAILURE_LEVELS, probability, level=level)

    def on_bottleneck(self, risk: BottleneckRisk | None, resource: str, skipped: Mapping[str, int]) -> None:
        """Risks of a resource were made (None: there is nobody to make them of), and who was left out by reason."""
        self._store.put(families.BOTTLENECK_SUBJECTS, risk.n_subjects if risk else 0, resource=resource)
        self._store.put(families.BOTTLENECK_YOUNG, int(risk.is_young.sum()) if risk else 0, resource=resource)
        for reason, n_subjects in skipped.items():
            self._store.add(families.BOTTLENECK_SKIPPED, n_subjects, resource=resource, reason=reason)

    def on_bottleneck_model(self, resource: str, model: RiskModel) -> None:
        """Which model speaks for a resource from now on."""
        self._store.remove([families.BOTTLENECK_MODEL_INFO], resource=resource)
        neural = "true" if model.has_neural else "false"
        self._store.put(families.BOTTLENECK_MODEL_INFO, 1, resource=resource, source=model.source, neural=neural)
        self._store.put(families.BOTTLENECK_MODEL_EVENTS, model.n_events, resource=resource)
        self._store.put(families.BOTTLENECK_MODEL_TIMESTAMP, model.fitted_at_seconds, resource=resource)

    def on_failure_read(self, failure: str, *, n_unread: int) -> None:
        """Signals and conditions were read, but for so many."""
        self._store.put(failure_families.FAILURE_UNREAD, n_unread, failure=failure)

    def on_failure_fit(self, failure: str, outcome: str) -> None:
        """A fit to what happened ended: accepted, calibrated (the trend alone), not_possible, failed, or not_saved."""
        self._store.add(failure_families.FAILURE_FITS, 1, failure=failure, outcome=outcome)

    def on_bottleneck_fit(self, resource: str, outcome: str) -> None:
        """A fit of a local model ended: accepted, rejected, not_possible, failed or timed_out."""
        self._store.add(families.BOTTLENECK_FITS, 1, resource=resource, outcome=outcome)

    def on_bottleneck_quality(
        self,
        resource: str,
        scores: Mapping[tuple[str, str], RiskScore],
        *,
        n_matured: int,
        n_corrected: int,
        leads_seconds: Sequence[float],
        mean_lead_seconds: float,
    ) -> None:
        """How probabilities that have come due compare with what happened; counts are those since the last call.

        Args:
            resource: whose.
            scores: by horizon and target.
            n_matured: probabilities that have come due.
            n_corrected: classifiers that are corrected by it.
            leads_seconds: for each overload that began, how long it had been warned of.
            mean_lead_seconds: over those warned of lately; NaN if there were none.
        """
        self._store.add(families.BOTTLENECK_MATURED, n_matured, resource=resource)
        self._store.put(families.BOTTLENECK_CORRECTED, n_corrected, resource=resource)
        n_announced = sum(lead > 0.0 for lead in leads_seconds)
        for announced, n_onsets in (("true", n_announced), ("false", len(leads_seconds) - n_announced)):
            self._store.add(families.BOTTLENECK_ONSETS, n_onsets, resource=resource, announced=announced)
        if math.isfinite(mean_lead_seconds):
            self._store.put(families.BOTTLENECK_LEAD, mean_lead_seconds, resource=resource)
        for (horizon, target), score in scores.items():
            for family, value in (
                (families.BOTTLENECK_BRIER, score.brier),
                (families.BOTTLENECK_SKILL, score.skill),
                (families.BOTTLENECK_PRECISION, score.precision),
                (families.BOTTLENECK_RECALL, score.recall),
            ):
                if math.isfinite(value):
                    self._store.put(family, value, resource=resource, horizon=horizon, target=target)

    # What becomes of alerts.

    def on_webhook(self, *, n_firing: int, n_resolved: int, n_duplicates: int) -> None:
        """Alertmanager told alerts."""
        self._store.add(families.WEBHOOK_ALERTS, n_firing, status="firing")
        self._store.add(families.WEBHOOK_ALERTS, n_resolved, status="resolved")
        self._store.add(families.WEBHOOK_DUPLICATES, n_duplicates)

    def on_webhook_rejected(self, reason: str, n_messages: int = 1) -> None:
        """A message to the webhook was refused."""
        self._store.add(families.WEBHOOK_REJECTED, n_messages, reason=reason)

    def on_incident_closed(self, outcome: str) -> None:
        """The outcome of a predicted alert is known."""
        self._store.add(families.INCIDENTS_CLOSED, 1, outcome=outcome)

    def on_feedback(self, verdict: str) -> None:
        """Somebody said what they think of an incident."""
        self._store.add(families.INCIDENT_FEEDBACK, 1, verdict=verdict)

    def on_incidents_open(self, n_open: int) -> None:
        """So many predicted alerts have no outcome yet."""
        self._store.put(families.INCIDENTS_OPEN, n_open)

    def on_incidents(self, *, n_muted: int, quality: Mapping[str, tuple[int, float, float]]) -> None:
        """How incidents turned out; by alert: how many are known, precision, mean lead in seconds, NaN if unknown."""
        told = families.INCIDENTS_JUDGED, families.INCIDENT_PRECISION, families.INCIDENT_LEAD
        self._store.put(families.INCIDENT_MUTED, n_muted)
        self._store.remove(told)
        for alert, values in quality.items():
            for family, value in zip(told, values, strict=True):
                if math.isfinite(value):
                    self._store.put(family, value, alert=alert)

    def on_pushed(self, n_firing: int) -> None:
        """So many alerts are posted while they last."""
        self._store.put(families.PUSH_ALERTS, n_firing)

    def keep_alertmanagers(self, alertmanagers: Iterable[str]) -> None:
        """Announce those that are posted to from now on, and forget others."""
        kept = dict.fromkeys(alertmanagers)
        of_push = (families.PUSH_REQUESTS, families.PUSH_RETRIES, families.PUSH_LAST_SUCCESS)
        self._forget(of_push, "alertmanager", kept.keys())
        for alertmanager in kept:
            self._store.add(families.PUSH_REQUESTS, 0, alertmanager=alertmanager, code="200")
            self._store.put(families.PUSH_LAST_SUCCESS, self._clock(), alertmanager=alertmanager)

    def on_push(self, alertmanager: str, code: str) -> None:
        """A post ended: `200`, or the cause of an error."""
        self._store.add(families.PUSH_REQUESTS, 1, alertmanager=alertmanager, code=code)
        if code == "200":
            self._store.put(families.PUSH_LAST_SUCCESS, self._clock(), alertmanager=alertmanager)

    def on_push_retry(self, alertmanager: str, reason: str) -> None:
        """A post is tried again."""
        self._store.add(families.PUSH_RETRIES, 1, alertmanager=alertmanager, reason=reason)

    def on_mitigation(self, action: str, outcome: str) -> None:
        """An action was taken, or left."""
        self._store.add(families.MITIGATIONS, 1, action=action, outcome=outcome)

    def on_log_message(self, level: str) -> None:
        """A log message was written; `level` is one of `LOG_LEVELS`."""
        self._store.add(families.LOG_MESSAGES, 1, level=level)

    def _forget(self, among: Iterable[Family], label: str, kept: AbstractSet[str]) -> None:
        for family in among:
            for gone in self._store.label_values(family, label) - kept:
                self._store.remove([family], **{label: gone})
