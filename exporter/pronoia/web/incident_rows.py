"""The status page's latest incidents: what was predicted, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pronoia.config.duration import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pronoia.predictions.incident import Incident

_OUTCOMES = {
    "": "open",
    "came_true": "came true",
    "late": "was so already",
    "expired": "did not happen",
    "lost": "nobody spoke of it any more",
    "ended": "is over",
}


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One line.

    Args:
        id: by which the report is found.
        alert: name of the predicted alert.
        whom: its subject.
        predicted: when, in UTC.
        probability: then; empty if it is not known.
        outcome: in words, with the lead time if it came true.
        verdict: what a person said; empty if nobody did.
    """

    id: str
    alert: str
    whom: str
    predicted: str
    probability: str
    outcome: str
    verdict: str


def incident_rows(incidents: Iterable[Incident]) -> tuple[IncidentRow, ...]:
    """The incidents as lines, in their order."""
    return tuple(_row(incident) for incident in incidents)


def _row(incident: Incident) -> IncidentRow:
    outcome = _OUTCOMES.get(incident.outcome, incident.outcome)
    lead = incident.lead_seconds
    if lead is not None:
        outcome = f"{outcome}, {format_duration(max(round(lead), 1) * 1000)} later"
    return IncidentRow(
        incident.id,
        incident.alert,
        ", ".join(f"{name}={value}" for name, value in incident.subject.items()),
        datetime.fromtimestamp(incident.predicted_at_seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        "" if incident.probability is None else f"{incident.probability:.0%}",
        outcome,
        incident.verdict.replace("_", " "),
    )
