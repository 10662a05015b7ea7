"""AlertPusher: posts what holds to every Alertmanager, again and again while it lasts."""

from __future__ import annotations

import json
import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from pronoia.alerting.push import PushedAlerts
from pronoia.errors import PronoiaError, StateError
from pronoia.pipeline.alert_conditions import PUSHED_VALUES, candidates, known_sources
from pronoia.pipeline.stage import run_stage
from pronoia.transport.observer import SilentObserver
from pronoia.transport.session import Call, UpstreamSession

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pronoia.alerting.plan import AlertPlan
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.predictions.snapshot import Snapshot
    from pronoia.storage.incident_store import SqliteIncidents
    from pronoia.transport.settings import UpstreamSettings

_log = logging.getLogger(__name__)
_DOCUMENT = "pushed"
# As Prometheus: notifier.go, maxBatchSize.
_BATCH = 256
_HEADERS = {"Content-Type": "application/json"}


class AlertPusher:
    """A thread of its own, from entering the context until leaving it.

    What is not in the snapshot is not spoken of: a stale snapshot is silence, and Alertmanager ends by itself what it
    has not heard of for four rounds. One Alertmanager that does not answer delays no other: it gets the newest state
    as soon as its last post has ended.

    Args:
        plan: the conditions.
        alertmanagers: every one of the cluster.
        resend_seconds: time between rounds.
        snapshot: what is predicted at a Unix time.
        precision: share of the incidents that were right, by alert, as far as it is known now.
        store: keeps over a restart what was posted.
        telemetry: told of every post.
        clock: Unix time in seconds.
    """

    def __init__(
        self,
        plan: AlertPlan,
        alertmanagers: Sequence[UpstreamSettings],
        *,
        resend_seconds: float,
        snapshot: Callable[[float], Snapshot],
        precision: Callable[[], Mapping[str, float]] = dict,
        store: SqliteIncidents,
        telemetry: Telemetry,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._plan, self._resend_seconds, self._clock = plan, resend_seconds, clock
        self._snapshot, self._precision = snapshot, precision
        self._store, self._telemetry = store, telemetry
        self._alerts = PushedAlerts(store.document(_DOCUMENT) or ())
        telemetry.keep_alertmanagers(settings.name for settings in alertmanagers)
        observer = _Observer(telemetry)
        self._sessions = [UpstreamSession(settings, observer) for settings in alertmanagers]
        self._posting: dict[str, Future[None]] = {}
        self._pool = ThreadPoolExecutor(max(len(self._sessions), 1), thread_name_prefix="push")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="push", daemon=True)
        for rule in plan.rules:
            if rule.value not in PUSHED_VALUES:
                _log.warning("alerts.rules.%s: %s cannot be pushed; it needs a rule", rule.name, rule.value)

    def start(self) -> None:
        """Begin; the first round is at once."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is being posted may end first. Nothing is resolved: a restart goes on with it."""
        self._stopping.set()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for session in self._sessions:
            session.close()

    def round(self) -> None:
        """Look what holds, keep it, post it."""
        now = self._clock()
        snapshot = self._snapshot(now)
        known = known_sources(snapshot)
        if not known:
            return
        self._alerts.update(candidates(self._plan, snapshot, self._precision()), known, now)
        try:
            self._store.put_document(_DOCUMENT, self._alerts.to_document())
        except StateError as error:
            _log.error("what is pushed would not survive a restart: %s", error)
        self._telemetry.on_pushed(self._alerts.n_firing)
        payload = self._alerts.payload(known, now, self._resend_seconds)
        for session in self._sessions:
            name = session.settings.name
            before = self._posting.get(name)
            if payload and (before is None or before.done()):
                self._posting[name] = self._pool.submit(self._post, session, payload)

    def _post(self, session: UpstreamSession, payload: list[dict[str, object]]) -> None:
        name = session.settings.name
        deadline = session.deadline()
        try:
            for first in range(0, len(payload), _BATCH):
                body = json.dumps(payload[first : first + _BATCH]).encode()
                session.send(Call("POST", "/api/v2/alerts", body, _HEADERS), deadline)
        except PronoiaError as error:
            self._telemetry.on_push(name, error.cause)
            _log.warning("alertmanager %s: %s", name, error)
        else:
            self._telemetry.on_push(name, "200")

    def _loop(self) -> None:
        while not self._stopping.is_set():
            # Whatever goes wrong, the next round must come: nobody would start this thread again.
            run_stage("alerts", "push", self.round)
            self._stopping.wait(self._resend_seconds)


class _Observer(SilentObserver):
    """Counts retries."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def on_retry(self, upstream: str, reason: str) -> None:
        """A post is tried again."""
        self._telemetry.on_push_retry(upstream, reason)
