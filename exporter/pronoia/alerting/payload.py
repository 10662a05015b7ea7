"""What Alertmanager's webhook sends, version 4.

Format: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pronoia.errors import PronoiaError
from pronoia.series.labels import LabelSet

_MOST_ALERTS = 10_000
_MOST_LABELS = 100
_LONGEST_TEXT = 4096
_VERSION = "4"


class PayloadError(PronoiaError):
    """The sender's: a message that is not one of Alertmanager's; `cause` is a word for metrics."""

    def __init__(self, cause: str, message: str) -> None:
        self.cause = cause
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert of a message.

    Args:
        is_firing: or else it has resolved.
        labels: all of them, with `alertname`.
        annotations: texts, cut at 4,096 characters.
        starts_at_seconds: when it began to fire.
        ends_at_seconds: when it ended; 0 while it fires.
    """

    is_firing: bool
    labels: LabelSet
    annotations: dict[str, str]
    starts_at_seconds: float
    ends_at_seconds: float

    @property
    def alert(self) -> str:
        """Its name."""
        return self.labels["alertname"]

    @property
    def key(self) -> str:
        """The same for the same news, however often and by whichever way it comes."""
        news = f"{self.labels}|{self.is_firing}|{self.starts_at_seconds:.3f}"
        return hashlib.sha256(news.encode()).hexdigest()


def parse_payload(body: bytes) -> tuple[Notice, ...]:
    """The alerts of a message; fields that are not known are ignored.

    Raises:
        PayloadError: if it is no JSON (`malformed`), of another version (`version`), or an alert lacks what it needs.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PayloadError("malformed", f"not JSON: {str(error)[:80]}") from None
    if not isinstance(message, dict):
        raise PayloadError("malformed", "a JSON object is needed")
    if message.get("version") != _VERSION:
        raise PayloadError("version", f'version "4" is needed, got {str(message.get("version"))[:20]!r}')
    alerts = message.get("alerts")
    if not isinstance(alerts, list):
        raise PayloadError("malformed", "alerts must be a list")
    if len(alerts) > _MOST_ALERTS:
        raise PayloadError("too_large", f"{len(alerts)} alerts, at most {_MOST_ALERTS} are read")
    return tuple(_notice(alert, number) for number, alert in enumerate(alerts))


def _notice(alert: Any, number: int) -> Notice:
    where = f"alerts[{number}]"
    if not isinstance(alert, dict):
        raise PayloadError("malformed", f"{where} must be an object")
    status = alert.get("status")
    if status not in ("firing", "resolved"):
        raise PayloadError("malformed", f"{where}.status must be firing or resolved, got {str(status)[:20]!r}")
    labels = LabelSet(_texts(alert.get("labels"), f"{where}.labels"))
    if "alertname" not in labels:
        raise PayloadError("malformed", f"{where}.labels has no alertname")
    starts = _seconds(alert.get("startsAt"), f"{where}.startsAt")
    ends = _seconds(alert.get("endsAt"), f"{where}.endsAt") if status == "resolved" else 0.0
    return Notice(
        status == "firing", labels, _texts(alert.get("annotations") or {}, f"{where}.annotations"), starts, ends
    )


def _texts(mapping: Any, where: str) -> dict[str, str]:
    if not isinstance(mapping, dict) or len(mapping) > _MOST_LABELS:
        raise PayloadError("malformed", f"{where} must be an object of at most {_MOST_LABELS} texts")
    if not all(isinstance(value, str) for value in mapping.values()):
        raise PayloadError("malformed", f"{where} must hold texts")
    try:
        # A lone surrogate is JSON, but no text that could be kept.
        json.dumps(mapping, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise PayloadError("malformed", f"{where} must hold texts") from None
    return {name[:_LONGEST_TEXT]: value[:_LONGEST_TEXT] for name, value in mapping.items()}


def _seconds(text: Any, where: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        raise PayloadError("malformed", f"{where} must be a time as in RFC 3339, got {str(text)[:40]!r}") from None
