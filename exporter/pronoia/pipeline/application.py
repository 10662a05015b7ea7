"""The running exporter without its HTTP surface: upstreams, cycles, scheduler, snapshot."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from pronoia.config.resolved_failure import failure_levels
from pronoia.exposition.predictions import PredictionRenderer
from pronoia.pipeline.alert_bridge import AlertBridge
from pronoia.pipeline.alert_cycle import AlertCycle
from pronoia.pipeline.alert_plan import alert_plan
from pronoia.pipeline.anomaly_cycle import AnomalyCycle
from pronoia.pipeline.anomaly_reader import AnomalyReader
from pronoia.pipeline.any_failure import any_failure
from pronoia.pipeline.bottleneck_cycle import BottleneckCycle
from pronoia.pipeline.bottleneck_model import risk_models
from pronoia.pipeline.bottleneck_reader import BottleneckReader
from pronoia.pipeline.event_feed import EventFeeds
from pronoia.pipeline.failure_cycle import FailureCycle
from pronoia.pipeline.fit_pool import FitPool
from pronoia.pipeline.holder import Holder
from pronoia.pipeline.query_cycle import QueryCycle
from pronoia.pipeline.query_state import fingerprint
from pronoia.pipeline.scheduler import Scheduler
from pronoia.pipeline.upstream import Upstream
from pronoia.predictions.snapshot import Snapshot
from pronoia.storage.state import StateStore
from pronoia.storage.state_lock import StateLock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path
    from typing import Self

    from pronoia.config.config import Config
    from pronoia.config.resolved import ResolvedQuery
    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.bottleneck_model import BottleneckModel
    from pronoia.predictions.failure import FailureRisk

_log = logging.getLogger(__name__)


class Application:
    """Owns everything that runs between an upstream and the published snapshot.

    Args:
        config: what to run.
        telemetry: where all parts report.
        state_directory: where state is kept over a restart; None keeps none.
        clock: Unix time in seconds.

    Raises:
        StateError: if the state directory cannot be used, or is used by another process.
    """

    def __init__(
        self,
        config: Config,
        telemetry: Telemetry,
        state_directory: Path | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._telemetry = telemetry
        self._clock = clock
        self._store = StateStore(state_directory) if state_directory else None
        self._state_lock = StateLock(state_directory) if state_directory else None
        self._of_the_start = _fixed_at_start(config)
        self._pool = FitPool(config.workers, telemetry.on_worker_restart)
        self._upstreams: dict[str, Upstream] = {}
        self._cycles: dict[str, QueryCycle] = {}
        self._bottlenecks: dict[str, BottleneckCycle] = {}
        self._anomalies: dict[str, AnomalyCycle] = {}
        self._failures: dict[str, FailureCycle] = {}
        self._alerts: AlertCycle | None = None
        self._events = EventFeeds(telemetry)
        self.holder = Holder(PredictionRenderer(config.settings.limits.max_series, telemetry.on_exposed).render)
        self.bridge = AlertBridge(config, state_directory, self.holder.snapshot, telemetry, clock)
        self._scheduler = Scheduler(
            lambda: (*self.cycles, *self.bottlenecks, *self.anomalies, *self.failures, *self.alerts),
            self._publish,
            on_skip=telemetry.on_round_skipped,
            on_tick=self._tick,
            clock=clock,
        )
        self.apply(config)

    def __enter__(self) -> Self:
        self._scheduler.start()
        self.bridge.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Idle queries save at once, others as soon as their read is over: whoever stops us may not wait for long.
        for cycle in self.cycles:
            cycle.close()
        for watched in self.bottlenecks:
            watched.close()
        for watching in self.anomalies:
            watching.close()
        for failing in self.failures:
            failing.close()
        for learnt in self.alerts:
            learnt.close()
        self._scheduler.stop()
        for upstream in self._upstreams.values():
            upstream.close()
        self._pool.close()
        self.bridge.close()
        if self._state_lock:
            self._state_lock.release()

    @property
    def cycles(self) -> tuple[QueryCycle, ...]:
        """The queries being run."""
        return tuple(self._cycles.values())

    @property
    def bottlenecks(self) -> tuple[BottleneckCycle, ...]:
        """The resources being watched."""
        return tuple(self._bottlenecks.values())

    @property
    def anomalies(self) -> tuple[AnomalyCycle, ...]:
        """What is watched for the unusual."""
        return tuple(self._anomalies.values())

    @property
    def failures(self) -> tuple[FailureCycle, ...]:
        """The failures being watched for."""
        return tuple(self._failures.values())

    @property
    def alerts(self) -> tuple[AlertCycle, ...]:
        """The user's own alerts, if they are learnt."""
        return () if self._alerts is None else (self._alerts,)

    def apply(self, config: Config) -> None:
        """Take up a configuration: queries that did not change go on, others start, vanished ones end.

        The number of worker processes, the state directory and the cap on exposed series are those of the start.

        Raises:
            PronoiaError: if an upstream's settings cannot be used; everything stays as it was.
        """
        for key, value in _fixed_at_start(config).items():
            if value != self._of_the_start[key]:
                _log.warning("%s: %s stays %s until a restart", config.source, key, self._of_the_start[key])
        # Before anything is touched: a model or an alert that cannot be used is a mistake of the configuration.
        alert_plan(config)
        models = risk_models(config, self._telemetry)
        settings = {each.name: each for each in config.upstream_settings()}
        kept = {name: up for name, up in self._upstreams.items() if settings.get(name) == up.settings}
        upstreams = {name: kept.get(name) or Upstream(each, self._telemetry) for name, each in settings.items()}
        max_series = config.settings.limits.max_series_per_query
        queries = config.resolved_queries()
        going_on = {
            query.name: cycle
            for query in queries
            if (cycle := self._cycles.get(query.name))
            and (cycle.query, cycle.max_series) == (query, max_series)
            and {query.upstream, *(event.upstream for event in query.events if event.expr)} <= kept.keys()
        }
        # Ended first: what a query has learnt until now is what its successor starts with.
        for name, cycle in self._cycles.items():
            if name not in going_on:
                cycle.close()
        self._cycles = {
            query.name: going_on.get(query.name) or self._started(query, upstreams, max_series) for query in queries
        }
        self._watch(config, models, upstreams, kept.keys())
        self._watch_anomalies(config, upstreams, kept.keys())
        self._watch_failures(config, upstreams, kept.keys())
        before, self._upstreams = self._upstreams, upstreams
        for name, upstream in before.items():
            if name not in kept:
                upstream.close()
        self._forget_vanished()
        self.bridge.apply(config)
        self._telemetry.on_bottleneck_levels(dict(config.settings.bottleneck.alert_thresholds))
        self._telemetry.on_failure_levels(failure_levels(config.settings))
        _log.info(
            "queries: %d, resources: %d, watches: %d, failures: %d, upstreams: %d",
            len(queries),
            len(self._bottlenecks),
            len(self._anomalies),
            len(self._failures),
            len(settings),
        )
        self._scheduler.wake()

    def _started(self, query: ResolvedQuery, upstreams: Mapping[str, Upstream], max_series: int) -> QueryCycle:
        cycle = QueryCycle(
            query,
            upstreams[query.upstream],
            self._pool,
            self._store,
            self._telemetry,
            max_series=max_series,
            on_due=self._scheduler.wake,
            clock=self._clock,
            events=self._events.of(query, upstreams) if query.events else None,
        )
        before = self._cycles.get(query.name)
        if before is not None and fingerprint(before.query) == fingerprint(query):
            # The same forecast with, say, another threshold: it stays on show until there is a new one.
            cycle.forecast = before.forecast
        return cycle

    def _watch(
        self,
        config: Config,
        models: Mapping[str, BottleneckModel],
        upstreams: Mapping[str, Upstream],
        kept_upstreams: AbstractSet[str],
    ) -> None:
        """Resources that did not change go on, if their upstreams did not change either."""
        max_series = config.settings.limits.max_series_per_query
        before, watched = dict(self._bottlenecks), dict[str, BottleneckCycle]()
        for resource in config.resolved_resources():
            cycle = before.pop(resource.name, None)
            if cycle is None or cycle.resource != resource or resource.upstream not in kept_upstreams:
                successor = self._watched(resource, models[resource.name], upstreams[resource.upstream], max_series)
                if cycle is not None:
                    cycle.close()
                    # The same values with, say, another hold: what is known stays on show until there is news.
                    successor.risk = cycle.risk if cycle.resource.expr == resource.expr else None
                cycle = successor
            watched[resource.name] = cycle
        # All at once: rounds and pages go on meanwhile, and none is to see some of them only.
        self._bottlenecks = watched
        for cycle in before.values():
            cycle.close()

    def _watched(
        self, resource: ResolvedResource, model: BottleneckModel, upstream: Upstream, max_series: int
    ) -> BottleneckCycle:
        reader = BottleneckReader(resource, self._query, upstream, max_series=max_series)
        return BottleneckCycle(
            resource,
            reader,
            model,
            self._query,
            pool=self._pool,
            store=self._store,
            telemetry=self._telemetry,
            on_due=self._scheduler.wake,
        )

    def _query(self, name: str) -> QueryCycle | None:
        """Of those that run now: a reload makes others."""
        return self._cycles.get(name)

    def _watch_anomalies(
        self, config: Config, upstreams: Mapping[str, Upstream], kept_upstreams: AbstractSet[str]
    ) -> None:
        """Watches that did not change go on, if their upstreams did not change either."""
        before, watched = self._anomalies, dict[str, AnomalyCycle]()
        max_series = config.settings.limits.max_series_per_query
        for watch in config.resolved_watches():
            cycle = before.get(watch.name)
            is_same = cycle is not None and (cycle.watch, cycle.max_series) == (watch, max_series)
            if cycle is None or not is_same or not {query.upstream for query in watch.queries} <= kept_upstreams:
                reader = AnomalyReader(watch, self._query, upstreams, max_series=max_series)
                successor = AnomalyCycle(
                    watch, reader, pool=self._pool, telemetry=self._telemetry, on_due=self._scheduler.wake
                )
                if cycle is not None and (cycle.watch.queries, cycle.watch.by) == (watch.queries, watch.by):
                    # The same values with, say, another mute: what is known stays on show until there is news.
                    successor.risk = cycle.risk
                cycle = successor
            watched[watch.name] = cycle
        self._anomalies = watched
        for name, cycle in before.items():
            if watched.get(name) is not cycle:
                cycle.close()

    def _watch_failures(
        self, config: Config, upstreams: Mapping[str, Upstream], kept_upstreams: AbstractSet[str]
    ) -> None:
        """Failures that did not change go on, if their upstreams did not change either."""
        before, watched = self._failures, dict[str, FailureCycle]()
        max_series = config.settings.limits.max_series_per_query
        for failure in config.resolved_failures():
            cycle = before.get(failure.name)
            is_same = cycle is not None and (cycle.failure, cycle.max_series) == (failure, max_series)
            if cycle is None or not is_same or not failure.upstreams <= kept_upstreams:
                cycle = FailureCycle(
                    failure,
                    upstreams,
                    self._query,
                    pool=self._pool,
                    store=self._store,
                    max_series=max_series,
                    telemetry=self._telemetry,
                    on_due=self._scheduler.wake,
                )
            watched[failure.name] = cycle
        self._failures = watched
        for name, cycle in before.items():
            if watched.get(name) is not cycle:
                cycle.close()
        alerts, old = config.resolved_alerts(), self._alerts
        is_same = old is not None and (old.alerts, old.max_series) == (alerts, max_series)
        if old is not None and (not is_same or old.alerts.upstream not in kept_upstreams):
            old.close()
            self._alerts = None
        if alerts is not None and self._alerts is None:
            upstream = upstreams[alerts.upstream]
            self._alerts = AlertCycle(alerts, upstream, max_series=max_series, telemetry=self._telemetry)

    def _failure_risks(self, now_seconds: float) -> tuple[FailureRisk, ...]:
        """Those of each failure, and that any of them happens."""
        failures = self.failures
        risks = tuple(risk for each in failures if (risk := each.risk) is not None)
        current = tuple(risk for risk in risks if risk.is_current(now_seconds))
        joined = any_failure(current, {each.failure.name: each.failure.entity for each in failures})
        return risks if joined is None else (*risks, joined)

    def _forget_vanished(self) -> None:
        failures = (*(each.name for each in self.failures), *(each.name for each in self.alerts))
        self._telemetry.keep_queries(self._cycles, self._bottlenecks, failures, self._anomalies)
        self._telemetry.keep_upstreams(self._upstreams)

    def _tick(self, now_seconds: float) -> None:
        self._telemetry.on_tick(now_seconds)
        self.bridge.tick(now_seconds)
        self._pool.rest_if_idle()

    def _publish(self, now_seconds: float) -> None:
        cycles, bottlenecks, anomalies, failures = self.cycles, self.bottlenecks, self.anomalies, self.failures
        # Each is asked for what it says once: a round in progress may withdraw it.
        snapshot = Snapshot(
            now_seconds,
            tuple(each for cycle in cycles if (each := cycle.forecast) is not None),
            (
                *(outcome for cycle in cycles for outcome in cycle.outcomes),
                *(outcome for watched in bottlenecks for outcome in watched.outcomes),
                *(outcome for watching in anomalies for outcome in watching.outcomes),
                *(outcome for failing in failures for outcome in failing.outcomes),
                *(outcome for learnt in self.alerts for outcome in learnt.outcomes),
            ),
            tuple(risk for watched in bottlenecks if (risk := watched.risk) is not None),
            self._failure_risks(now_seconds),
            next((learnt.risk for learnt in self.alerts), None),
            tuple(watch for watching in anomalies if (watch := watching.risk) is not None),
        )
        if self.bridge.has_muted:
            snapshot = replace(snapshot, muted=self.bridge.muted_in(snapshot, now_seconds))
        self.holder.publish(snapshot.current(now_seconds), now_seconds)
        self._telemetry.on_snapshot(now_seconds)
        # A round that was still running when its query vanished has reported once more.
        self._forget_vanished()


def _fixed_at_start(config: Config) -> dict[str, object]:
    return {
        "workers": config.workers,
        "limits.max_series": config.settings.limits.max_series,
        "storage.path": str(config.storage_path),
    }
