"""PushedAlerts: which alerts are to be posted to Alertmanager, without a Prometheus that evaluates rules.

References:
    Prometheus' own notifier: `endsAt` is four times the resend delay ahead, resolved alerts are told for 15 minutes
    (rules/alerting.go). https://github.com/prometheus/alertmanager/blob/main/docs/alerts_api.md
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pronoia.series.labels import LabelSet

_ENDS_AFTER_RESENDS = 4.0
_RESOLVED_TOLD_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A condition of which something is known now.

    Args:
        labels: of the alert, with `alertname`; its identity.
        annotations: for people.
        source: what it was made from; while nothing is known of that, nothing is said of its alerts.
        is_true: whether it holds.
        hold_seconds: how long it must hold before it is told.
        keep_firing_seconds: how long it is told after it last held.
    """

    labels: LabelSet
    annotations: Mapping[str, str]
    source: str
    is_true: bool
    hold_seconds: float
    keep_firing_seconds: float


@dataclass(frozen=True, slots=True)
class _Alert:
    """One alert over time; times are Unix seconds, 0 where there is none."""

    labels: dict[str, str]
    annotations: dict[str, str]
    source: str
    keep_firing_seconds: float
    pending_since: float
    last_true: float
    starts_at: float = 0.0
    resolved_at: float = 0.0


class PushedAlerts:
    """The alerts of one moment after the other. Not to be shared by threads.

    An alert keeps its labels and its start for as long as it lasts, whoever restarts, so that it is one and the same
    to every Alertmanager however often it is posted.

    Args:
        saved: what `to_document` gave before a restart.
    """

    def __init__(self, saved: Sequence[Mapping[str, Any]] = ()) -> None:
        self._alerts = {_key(each["labels"]): _Alert(**each) for each in saved}

    def to_document(self) -> list[dict[str, Any]]:
        """What has to survive a restart, as plain JSON."""
        return [asdict(alert) for alert in self._alerts.values()]

    @property
    def n_firing(self) -> int:
        """How many are being told."""
        return sum(bool(alert.starts_at) and not alert.resolved_at for alert in self._alerts.values())

    def update(self, candidates: Iterable[Candidate], known: frozenset[str], now_seconds: float) -> None:
        """Take up what holds now.

        Args:
            candidates: of the sources in `known`; one that is missing does not hold.
            known: sources of which something is known. Alerts of others stay as they are, unsaid.
            now_seconds: Unix time.
        """
        holding = {_key(each.labels): each for each in candidates if each.is_true}
        for key, candidate in holding.items():
            before = self._alerts.get(key)
            if before is None or before.resolved_at:
                before = _Alert(dict(candidate.labels), {}, candidate.source, 0.0, now_seconds, now_seconds)
            starts = before.starts_at
            if not starts and now_seconds - before.pending_since >= candidate.hold_seconds:
                starts = now_seconds
            self._alerts[key] = replace(
                before,
                annotations=dict(candidate.annotations),
                keep_firing_seconds=candidate.keep_firing_seconds,
                last_true=now_seconds,
                starts_at=starts,
            )
        for key, alert in list(self._alerts.items()):
            if key in holding or alert.source not in known:
                continue
            if not alert.starts_at:
                del self._alerts[key]
            elif not alert.resolved_at and now_seconds - alert.last_true >= alert.keep_firing_seconds:
                self._alerts[key] = replace(alert, resolved_at=now_seconds)
            elif alert.resolved_at and now_seconds - alert.resolved_at > _RESOLVED_TOLD_SECONDS:
                del self._alerts[key]

    def payload(self, known: frozenset[str], now_seconds: float, resend_seconds: float) -> list[dict[str, Any]]:
        """What is posted now, as `/api/v2/alerts` takes it."""
        return [
            {
                "labels": alert.labels,
                "annotations": alert.annotations,
                "startsAt": _stamp(alert.starts_at),
                "endsAt": _stamp(alert.resolved_at or now_seconds + _ENDS_AFTER_RESENDS * resend_seconds),
            }
            for _, alert in sorted(self._alerts.items())
            if alert.starts_at and alert.source in known
        ]


def _key(labels: Mapping[str, str]) -> str:
    return repr(sorted(labels.items()))


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
