"""AlertBridge: what becomes of predicted alerts, kept and told."""

from __future__ import annotations

import hmac
import logging
import time
from typing import TYPE_CHECKING

from pronoia.alerting.incidents import IncidentBook
from pronoia.alerting.plan import MIN_JUDGED
from pronoia.alerting.report import accuracy, report
from pronoia.errors import StateError
from pronoia.pipeline.alert_evidence import evidence_of
from pronoia.pipeline.alert_plan import alert_plan
from pronoia.pipeline.alert_pusher import AlertPusher
from pronoia.pipeline.mitigation import MitigationSettings, Mitigator
from pronoia.pipeline.shown_subjects import shown_subjects
from pronoia.storage.incident_store import SqliteIncidents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pronoia.alerting.payload import Notice
    from pronoia.config.config import Config
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.predictions.incident import Incident
    from pronoia.predictions.snapshot import Snapshot
    from pronoia.series.labels import LabelSet

_log = logging.getLogger(__name__)
#: Where incidents are kept, in the directory of the state.
INCIDENTS_FILE = "incidents.sqlite"
_EXPIRE_EVERY_SECONDS = 15.0
_PRUNE_EVERY_SECONDS = 3600.0
# Alertmanager repeats what lasts within hours; older news cannot come again.
_NEWS_KEPT_SECONDS = 14 * 86_400.0
# Names of alerts come from outside.
_MOST_ALERTS_TOLD = 100


class AlertBridge:
    """Takes up what Alertmanager tells; safe to call from several threads.

    Args:
        config: its section `alert_bridge`.
        directory: where incidents are kept; None keeps them in memory.
        snapshot: what is predicted at a Unix time.
        telemetry: told of everything.
        clock: Unix time in seconds.

    Raises:
        StateError: if incidents cannot be kept there.
    """

    def __init__(
        self,
        config: Config,
        directory: Path | None,
        snapshot: Callable[[float], Snapshot],
        telemetry: Telemetry,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = SqliteIncidents(directory / INCIDENTS_FILE if directory else None)
        self._clock = clock
        self._telemetry = telemetry
        self._book = IncidentBook(self.store, lambda labels: evidence_of(snapshot(clock()), labels))
        self._expired_at_seconds = self._pruned_at_seconds = 0.0
        self._muted: tuple[tuple[LabelSet, float], ...] = ()
        self._precision: Mapping[str, float] = {}
        self._snapshot = snapshot
        self._pusher: AlertPusher | None = None
        self._pushed: tuple[object, ...] = ()
        self._mitigator: Mitigator | None = None
        self._mitigated: MitigationSettings | None = None
        self._is_started = False
        self.apply(config)
        self._tell()

    def start(self) -> None:
        """Begin to push and to mitigate, where that is asked for."""
        self._is_started = True
        for worker in (self._pusher, self._mitigator):
            if worker is not None:
                worker.start()

    def apply(self, config: Config) -> None:
        """Take up a configuration."""
        self._settings = config.settings.alert_bridge
        self._token_file = config.directory / file if (file := self._settings.webhook.token_file) else None
        self._book.lost_after_seconds = self._settings.incidents.lost_after.seconds
        self._push(config)
        self._mitigate(config)

    def close(self) -> None:
        """End pushing and mitigating, and let go of the file."""
        for worker in (self._pusher, self._mitigator):
            if worker is not None and self._is_started:
                worker.stop()
        self.store.close()

    @property
    def max_message_bytes(self) -> int:
        """Largest message that is read."""
        return self._settings.webhook.max_size

    def is_token(self, shown: str) -> bool:
        """Whether a bearer token is the one that is wanted; never where none is configured.

        Raises:
            StateError: if it is in a file that cannot be read, or is empty: it may be there soon.
        """
        token = self._settings.webhook.token
        wanted = token.get_secret_value() if token else ""
        if self._token_file is not None:
            place = f"alert_bridge.webhook.token_file: {self._token_file}"
            try:
                wanted = self._token_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise StateError(f"{place} cannot be read: {error}") from error
            if not wanted:
                raise StateError(f"{place} is empty")
        return bool(wanted) and hmac.compare_digest(shown.encode(), wanted.encode())

    def receive(self, notices: Iterable[Notice]) -> None:
        """Take up the alerts of one message.

        Raises:
            StateError: if they cannot be kept; none of them is then, and they may be sent again.
        """
        received = self._book.receive(notices, self._clock())
        self._telemetry.on_webhook(
            n_firing=received.n_firing, n_resolved=received.n_resolved, n_duplicates=received.n_duplicates
        )
        self._tell_closed(received.closed)
        # All that is kept is looked at when an outcome is known, and not for each message.
        if received.closed:
            self._tell()
        elif received.n_firing or received.n_resolved:
            self._telemetry.on_incidents_open(self.store.n_open())

    def rejected(self, reason: str) -> None:
        """A message was refused."""
        self._telemetry.on_webhook_rejected(reason)

    def judge(self, incident_id: str, verdict: str, note: str) -> Incident | None:
        """Write down what a person says of an incident; None if there is none.

        Raises:
            StateError: if it cannot be kept.
        """
        incident = self._book.judge(incident_id, verdict, note, self._clock())
        if incident is not None:
            self._telemetry.on_feedback(verdict)
            self._tell()
        return incident

    def report(self, incident: Incident) -> str:
        """The Markdown report on an incident."""
        return report(incident, self.store.judged())

    def tick(self, now_seconds: float) -> None:
        """Close what can no longer come true; called every few seconds, and does something now and then."""
        if abs(now_seconds - self._expired_at_seconds) < _EXPIRE_EVERY_SECONDS:
            return
        self._expired_at_seconds = now_seconds
        try:
            expired = self._book.expire(now_seconds)
            self._tell_closed(expired)
            if abs(now_seconds - self._pruned_at_seconds) >= _PRUNE_EVERY_SECONDS:
                self._pruned_at_seconds = now_seconds
                kept = self._settings.incidents.retention.seconds
                self.store.prune(now_seconds - kept, now_seconds - _NEWS_KEPT_SECONDS)
                self._tell()
            elif expired:
                self._tell()
        except StateError as error:
            _log.error("incidents: %s", error)

    def muted_in(self, snapshot: Snapshot, now_seconds: float) -> dict[str, frozenset[LabelSet]]:
        """Whose predicted alerts are muted, as one was called a false alarm, in the form of `Snapshot.muted`."""
        subjects = tuple(subject for subject, until in self._muted if now_seconds < until)
        return {
            each.name: muted
            for each in shown_subjects(snapshot)
            if (muted := frozenset(source for source in each.labels for of in subjects if each.is_of(of, source)))
        }

    @property
    def has_muted(self) -> bool:
        """Whether there is anything that is muted."""
        return bool(self._muted)

    def _push(self, config: Config) -> None:
        alertmanagers, resend = config.alertmanager_settings(), self._settings.push.resend.seconds
        plan = alert_plan(config) if alertmanagers else None
        wanted = (plan, alertmanagers, resend)
        if wanted == self._pushed:
            return
        if self._pusher is not None and self._is_started:
            self._pusher.stop()
        self._pushed, self._pusher = wanted, None
        if plan is not None:
            self._pusher = AlertPusher(
                plan,
                alertmanagers,
                resend_seconds=resend,
                snapshot=self._snapshot,
                precision=lambda: self._precision,
                store=self.store,
                telemetry=self._telemetry,
                clock=self._clock,
            )
            if self._is_started:
                self._pusher.start()

    def _mitigate(self, config: Config) -> None:
        section = self._settings.mitigation
        wanted = MitigationSettings(
            config.action_settings(), section.confidence, section.max_per_hour, is_dry=section.dry_run
        )
        if wanted == self._mitigated:
            return
        if self._mitigator is not None and self._is_started:
            self._mitigator.stop()
        self._mitigated, self._mitigator = wanted, None
        if wanted.actions:
            self._mitigator = Mitigator(wanted, self.store, self._book, self._telemetry, self._clock)
            if self._is_started:
                self._mitigator.start()

    def _tell_closed(self, incidents: Iterable[Incident]) -> None:
        for incident in incidents:
            self._telemetry.on_incident_closed(incident.outcome)
            lead = incident.lead_seconds
            told = f", {lead:.0f} s after it was predicted" if lead is not None else ""
            _log.info("incident %s, %s: %s%s", incident.id, incident.identity, incident.outcome, told)

    def _tell(self) -> None:
        now, judged = self._clock(), self.store.judged()
        quiet_seconds = self._settings.incidents.mute_false_alarms.seconds
        self._muted = tuple(
            (incident.subject, said + quiet_seconds)
            for incident in judged
            if incident.verdict == "false_alarm" and now < (said := _judged_at(incident)) + quiet_seconds
        )
        told = accuracy(judged)
        self._precision = {alert: each.precision for alert, each in told.items() if each.n_judged >= MIN_JUDGED}
        self._telemetry.on_incidents_open(self.store.n_open())
        self._telemetry.on_incidents(
            n_muted=len({subject for subject, _ in self._muted}),
            quality={
                alert: (each.n_judged, each.precision, each.mean_lead_seconds)
                for alert, each in list(told.items())[:_MOST_ALERTS_TOLD]
            },
        )


def _judged_at(incident: Incident) -> float:
    return max((entry.at_seconds for entry in incident.timeline if entry.what.startswith("feedback")), default=0.0)
