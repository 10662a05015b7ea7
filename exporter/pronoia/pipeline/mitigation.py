"""Mitigator: calls a webhook for an incident that is as good as sure, once, and writes down that it did."""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.alerting.described import described
from pronoia.alerting.plan import TICKET
from pronoia.errors import PronoiaError, UpstreamStatus
from pronoia.pipeline.stage import run_stage
from pronoia.transport.session import Call, UpstreamSession

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pronoia.alerting.incidents import IncidentBook
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.predictions.incident import Incident
    from pronoia.storage.incident_store import SqliteIncidents
    from pronoia.transport.settings import UpstreamSettings

_log = logging.getLogger(__name__)
_LOOK_EVERY_SECONDS = 2.0
_HOUR_SECONDS = 3600.0
_HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class MitigationSettings:
    """What is called, and when.

    Args:
        actions: where each is, called by its name, and the alerts that it is for. They must not retry.
        confidence: probability from which an incident is acted upon.
        max_per_hour: calls within an hour, over all actions.
        is_dry: whether it is only written down.
    """

    actions: tuple[tuple[UpstreamSettings, tuple[str, ...]], ...]
    confidence: float
    max_per_hour: int
    is_dry: bool


class Mitigator:
    """A thread of its own, from `start` to `stop`.

    An incident is claimed on disk before anybody is called: a crash in between costs the call, and never makes a
    second. Incidents older than an hour, called false alarms or known, over already, or no more than tickets are left
    alone.

    Args:
        settings: what is called, and when.
        store: incidents, and the audit.
        book: notes what was done in the incident's timeline.
        telemetry: told of every call.
        clock: Unix time in seconds.
    """

    def __init__(
        self,
        settings: MitigationSettings,
        store: SqliteIncidents,
        book: IncidentBook,
        telemetry: Telemetry,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._store, self._book, self._telemetry = settings, store, book, telemetry
        self._clock = clock
        self._sessions = [(UpstreamSession(each), alerts) for each, alerts in settings.actions]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="mitigation", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a call in progress may end first."""
        self._stopping.set()
        self._thread.join()
        for session, _ in self._sessions:
            session.close()

    def round(self) -> None:
        """Act upon every incident that asks for it."""
        for incident in self._sure(self._store.open_incidents()):
            for session, alerts in self._sessions:
                if incident.alert in alerts:
                    self._act(incident, session)

    def _sure(self, incidents: Sequence[Incident]) -> list[Incident]:
        since = self._clock() - _HOUR_SECONDS
        return [
            incident
            for incident in incidents
            if incident.is_open
            and incident.resolved_at_seconds is None
            and incident.verdict in ("", "useful")
            and incident.severity != TICKET
            and incident.predicted_at_seconds >= since
            and (incident.highest_probability or incident.probability or 0.0) >= self._settings.confidence
        ]

    def _act(self, incident: Incident, session: UpstreamSession) -> None:
        name, now, is_dry = session.settings.name, self._clock(), self._settings.is_dry
        if not self._store.claim(incident.id, name, now, is_dry=is_dry):
            return
        if self._store.n_claimed(now - _HOUR_SECONDS, is_dry=is_dry) > self._settings.max_per_hour:
            outcome, detail = "rate_limited", f"more than {self._settings.max_per_hour} within an hour"
        elif is_dry:
            outcome, detail = "dry_run", f"{session.settings.url} would have been called"
        else:
            outcome, detail = self._call(incident, session)
        self._store.settle(incident.id, name, outcome, detail, is_dry=is_dry)
        self._book.note(incident.id, f"mitigation {name}: {outcome.replace('_', ' ')}", detail, self._clock())
        self._telemetry.on_mitigation(name, outcome)
        _log.warning("mitigation %s of incident %s, %s: %s %s", name, incident.id, incident.identity, outcome, detail)

    def _call(self, incident: Incident, session: UpstreamSession) -> tuple[str, str]:
        body = json.dumps({"action": session.settings.name, "incident": described(incident)}).encode()
        try:
            session.send(Call("POST", "", body, _HEADERS), session.deadline())
        except UpstreamStatus as error:
            # Any 2xx is a yes.
            if not 200 <= error.status < 300:
                return "failed", str(error)[:200]
        except PronoiaError as error:
            return "failed", str(error)[:200]
        return "called", ""

    def _loop(self) -> None:
        while not self._stopping.is_set():
            # Whatever goes wrong, the next round must come: nobody would start this thread again.
            run_stage("alerts", "mitigate", self.round)
            self._stopping.wait(_LOOK_EVERY_SECONDS)
