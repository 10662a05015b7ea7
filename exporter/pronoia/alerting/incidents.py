"""IncidentBook: predicted alerts become incidents, and actual ones tell whether they were right; anomalies do, too."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from pronoia.alerting.conditions import IDENTITY_LABELS, SUBJECT_LABELS
from pronoia.predictions.anomaly_watch import ANOMALY_STEM
from pronoia.predictions.incident import Incident, TimelineEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager

    from pronoia.alerting.payload import Notice
    from pronoia.series.labels import LabelSet

# What rules add to the labels of the series that they look at.
_OF_THE_RULE = ("alertname", "severity", "predictive", "horizon", "target", "pronoia_rule")
_SEVERITIES = ("", "info", "warning", "critical", "emergency")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DEFAULT_HORIZON_SECONDS = 86_400.0
# An anomaly that comes again within an hour is the same one, as it is where they are counted.
_ANOMALY_PAUSE_SECONDS = 3_600.0
# Repeated messages say that an alert lasts; it is not written down each time.
_NOTED_EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was known when an alert was told; as in `Incident`."""

    probability: float | None = None
    eta_seconds: float | None = None
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """What a message came to: news that was new, what had come before, and incidents that it closed."""

    n_firing: int
    n_resolved: int
    n_duplicates: int
    closed: tuple[Incident, ...]


class Store(Protocol):
    """Where incidents are kept; all of it is safe to call from several threads."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing of what is done inside; others wait."""

    def remember(self, key: str, at_seconds: float) -> bool:
        """Note that some news came; False if it had before."""

    def save(self, incident: Incident) -> None:
        """Keep an incident, in place of what was kept under its id."""

    def get(self, incident_id: str) -> Incident | None:
        """One incident."""

    def latest(self, identity: str) -> Incident | None:
        """The newest of an alert and subject."""

    def open_incidents(self) -> Sequence[Incident]:
        """Those whose outcome is not known, or whose actual alert has not been told to have ended."""


class IncidentBook:
    """Applies what Alertmanager tells to what is kept.

    Args:
        store: where it is kept.
        evidence: what is known of the subject of a predicted alert, of all its labels.
        lost_after_seconds: silence after which an incident is lost.
    """

    def __init__(
        self, store: Store, evidence: Callable[[LabelSet], Evidence | None], *, lost_after_seconds: float = 86_400.0
    ) -> None:
        self._store = store
        self._evidence = evidence
        self.lost_after_seconds = lost_after_seconds

    def receive(self, notices: Iterable[Notice], now_seconds: float) -> Received:
        """Take up the alerts of one message; what has come before changes nothing.

        Raises:
            StateError: if it cannot be kept; nothing of the message is then.
        """
        counts: Counter[str] = Counter()
        closed: list[Incident] = []
        with self._store.transaction():
            for notice in notices:
                is_new = self._store.remember(notice.key, now_seconds)
                counts["duplicate" if not is_new else "firing" if notice.is_firing else "resolved"] += 1
                if notice.labels.get("predictive") == "true" or _is_anomaly(notice.labels):
                    self._predicted(notice, now_seconds, is_new=is_new)
                elif is_new:
                    closed += self._actual(notice, now_seconds)
        return Received(counts["firing"], counts["resolved"], counts["duplicate"], tuple(closed))

    def expire(self, now_seconds: float) -> tuple[Incident, ...]:
        """Close what can no longer come true, and what was lost."""
        closed = []
        with self._store.transaction():
            for incident in self._store.open_incidents():
                resolved = incident.resolved_at_seconds
                if not incident.is_open:
                    continue
                if resolved is not None and now_seconds > resolved + incident.horizon_seconds:
                    outcome = ("expired", "its time has passed") if incident.is_prediction else ("ended", "")
                    closed.append(self._close(incident, outcome[0], now_seconds, outcome[1]))
                elif resolved is None and now_seconds > incident.last_seen_seconds + self.lost_after_seconds:
                    closed.append(self._close(incident, "lost", now_seconds, "nobody spoke of it any more"))
        return tuple(closed)

    def judge(self, incident_id: str, verdict: str, note: str, now_seconds: float) -> Incident | None:
        """Write down what a person says of an incident; None if there is none. A later word replaces an earlier."""
        with self._store.transaction():
            incident = self._store.get(incident_id)
            if incident is None:
                return None
            judged = replace(incident, verdict=verdict, note=note)
            judged = _noted(judged, now_seconds, f"feedback: {verdict}", note)
            self._store.save(judged)
        return judged

    def note(self, incident_id: str, what: str, detail: str, now_seconds: float) -> None:
        """Add to the timeline of an incident, if there is one."""
        with self._store.transaction():
            incident = self._store.get(incident_id)
            if incident is not None:
                self._store.save(_noted(incident, now_seconds, what, detail))

    def _predicted(self, notice: Notice, now_seconds: float, *, is_new: bool) -> None:
        subject = subject_of(notice.labels)
        known = self._store.latest(f"{notice.alert}{subject}")
        if known is not None and known.is_open:
            self._go_on(known, notice, now_seconds, is_new=is_new)
        elif not (is_new and notice.is_firing):
            return
        elif known is not None and known.outcome == "came_true" and known.actual_resolved_at_seconds is None:
            # What it speaks of goes on; that is no new prediction.
            return
        else:
            self._store.save(self._opened(notice, subject, now_seconds))

    def _opened(self, notice: Notice, subject: LabelSet, now_seconds: float) -> Incident:
        told = notice.annotations
        evidence = self._evidence(notice.labels) or Evidence()
        is_anomaly = _is_anomaly(notice.labels)
        actual = tuple(filter(None, told.get("actual", "").split(","))) or (notice.alert.removesuffix("Predicted"),)
        digest = hashlib.sha256(f"{notice.alert}{subject}{notice.starts_at_seconds:.3f}".encode()).hexdigest()
        severity = notice.labels.get("severity", "")
        probability = _probability(notice, evidence)
        incident = Incident(
            id=digest[:12],
            alert=notice.alert,
            severity=severity,
            subject=subject,
            actual=() if is_anomaly else actual,
            horizon_seconds=_ANOMALY_PAUSE_SECONDS if is_anomaly else _horizon(notice.labels),
            predicted_at_seconds=notice.starts_at_seconds,
            last_seen_seconds=now_seconds,
            description=told.get("description", told.get("summary", "")),
            probability=probability,
            highest_probability=probability,
            eta_seconds=evidence.eta_seconds,
            causes=evidence.causes,
            firing=(severity,),
        )
        return _noted(incident, notice.starts_at_seconds, _told(incident), incident.description)

    def _go_on(self, known: Incident, notice: Notice, now_seconds: float, *, is_new: bool) -> None:
        told = notice.labels.get("severity", "")
        if not notice.is_firing:
            if is_new:
                self._store.save(_less(known, told, notice.ends_at_seconds))
            return
        severity = max(known.severity, told, key=_rank)
        if severity != known.severity:
            known = _noted(known, notice.starts_at_seconds, _told(replace(known, severity=severity)))
        elif not is_new and now_seconds < known.last_seen_seconds + _NOTED_EVERY_SECONDS:
            return
        if is_new:
            # Alertmanager does not tell again what went on below a more severe one.
            evidence = self._evidence(notice.labels) or Evidence()
            known = replace(
                known,
                firing=(*(each for each in known.firing if each != told), told),
                highest_probability=_highest(known.highest_probability, _probability(notice, evidence)),
                resolved_at_seconds=None,
            )
        self._store.save(replace(known, severity=severity, last_seen_seconds=now_seconds))

    def _actual(self, notice: Notice, now_seconds: float) -> list[Incident]:
        closed = []
        for incident in self._store.open_incidents():
            if notice.alert not in incident.actual or not is_same(incident.subject, notice.labels):
                continue
            if not notice.is_firing:
                if not incident.is_open:
                    ended = replace(incident, actual_resolved_at_seconds=notice.ends_at_seconds)
                    self._store.save(_noted(ended, notice.ends_at_seconds, f"{notice.alert} resolved"))
            elif incident.is_open:
                begun = replace(incident, came_true_at_seconds=notice.starts_at_seconds)
                is_late = notice.starts_at_seconds <= incident.predicted_at_seconds
                begun = _noted(begun, notice.starts_at_seconds, f"{notice.alert} fires")
                closed.append(self._close(begun, "late" if is_late else "came_true", now_seconds))
        return closed

    def _close(self, incident: Incident, outcome: str, now_seconds: float, detail: str = "") -> Incident:
        closed = replace(incident, outcome=outcome, closed_at_seconds=now_seconds)
        closed = _noted(closed, now_seconds, f"closed: {outcome.replace('_', ' ')}", detail)
        self._store.save(closed)
        return closed


def subject_of(labels: LabelSet) -> LabelSet:
    """Labels of an alert that say of what it speaks."""
    return labels.without(*_OF_THE_RULE)


def is_same(subject: LabelSet, labels: LabelSet) -> bool:
    """Whether an actual alert speaks of the subject of a prediction.

    As in Alertmanager's inhibition, labels that tell systems apart must be equal, and one that is missing is empty.
    Those that Pronoia alone gives need be equal only where both have them.

    >>> from pronoia.series.labels import LabelSet
    >>> cpu = LabelSet({"instance": "db01", "resource": "cpu"})
    >>> is_same(cpu, LabelSet({"instance": "db01", "team": "x"})), is_same(cpu, LabelSet({"instance": "db02"}))
    (True, False)
    >>> is_same(cpu, LabelSet({"instance": "db01", "resource": "memory"}))
    False
    """
    places = [name for name in IDENTITY_LABELS if name not in SUBJECT_LABELS]
    if any(subject.get(name, "") != labels.get(name, "") for name in places):
        return False
    common = [name for name in subject if name in labels]
    return bool(common) and all(subject[name] == labels[name] for name in common)


def _is_anomaly(labels: LabelSet) -> bool:
    return labels.get("stem") == ANOMALY_STEM


def _less(incident: Incident, severity: str, at_seconds: float) -> Incident:
    """Of several severities, the last to resolve ends it."""
    firing = tuple(each for each in incident.firing if each != severity)
    if firing:
        return replace(incident, firing=firing)
    resolved = replace(incident, firing=(), resolved_at_seconds=at_seconds)
    return _noted(resolved, at_seconds, "prediction resolved" if incident.is_prediction else "resolved")


def _told(incident: Incident) -> str:
    return f"{'predicted' if incident.is_prediction else 'told'}: {incident.severity}".rstrip(": ")


def _noted(incident: Incident, at_seconds: float, what: str, detail: str = "") -> Incident:
    entries = (*incident.timeline, TimelineEntry(at_seconds, what, detail))
    return replace(incident, timeline=tuple(sorted(entries, key=lambda entry: entry.at_seconds)))


def _rank(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else 0


def _horizon(labels: LabelSet) -> float:
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", labels.get("horizon", ""))
    return float(int(found[1]) * _UNITS[found[2]]) if found else _DEFAULT_HORIZON_SECONDS


def _probability(notice: Notice, evidence: Evidence) -> float | None:
    """As it is known here, or else as the alert says."""
    return _number(notice.annotations.get("probability")) if evidence.probability is None else evidence.probability


def _highest(*probabilities: float | None) -> float | None:
    return max((each for each in probabilities if each is not None), default=None)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0.0 <= number <= 1.0 else None
