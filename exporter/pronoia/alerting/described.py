"""An incident as JSON, for the API and for webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pronoia.predictions.incident import Incident


def described(incident: Incident) -> dict[str, Any]:
    """An incident as JSON."""
    return {
        "id": incident.id,
        "alert": incident.alert,
        "severity": incident.severity,
        "subject": dict(incident.subject),
        "description": incident.description,
        "predicted_at": incident.predicted_at_seconds,
        "horizon_seconds": incident.horizon_seconds,
        "probability": incident.probability,
        "highest_probability": incident.highest_probability,
        "eta_seconds": incident.eta_seconds,
        "causes": list(incident.causes),
        "state": "open" if incident.is_open else "closed",
        "outcome": incident.outcome or None,
        "came_true_at": incident.came_true_at_seconds,
        "closed_at": incident.closed_at_seconds,
        "lead_seconds": incident.lead_seconds,
        "verdict": incident.verdict or None,
        "note": incident.note or None,
        "timeline": [
            {"at": entry.at_seconds, "what": entry.what, "detail": entry.detail} for entry in incident.timeline
        ],
    }
