"""A post-incident report in Markdown: what was predicted, what came of it, and how good such predictions have been."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pronoia.predictions.incident import Incident

_OUTCOMES = {
    "": "open: its time has not passed",
    "came_true": "came true",
    "late": "was so already when it was told",
    "expired": "did not come true",
    "lost": "unknown: nobody spoke of it any more",
    "ended": "is over",
}


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How predicted alerts of one name turned out.

    Args:
        n_right: came true, or were called useful.
        n_wrong: expired, or were called false alarms.
        mean_lead_seconds: over those that came true; NaN if none has.
    """

    n_right: int
    n_wrong: int
    mean_lead_seconds: float

    @property
    def n_judged(self) -> int:
        """Those of which it is known."""
        return self.n_right + self.n_wrong

    @property
    def precision(self) -> float:
        """Share that was right; NaN if nothing is known."""
        return self.n_right / self.n_judged if self.n_judged else math.nan


def accuracy(incidents: Iterable[Incident]) -> dict[str, Accuracy]:
    """How incidents turned out, by the name of their alert."""
    by_alert: dict[str, list[Incident]] = {}
    for incident in incidents:
        by_alert.setdefault(incident.alert, []).append(incident)
    return {alert: _accuracy(those) for alert, those in sorted(by_alert.items())}


def report(incident: Incident, others: Iterable[Incident]) -> str:
    """The report on one incident.

    Args:
        incident: which.
        others: all that were judged, for comparison; that of this incident may be among them.
    """
    same = [each for each in others if each.alert == incident.alert]
    everywhere = _accuracy(same)
    here = _accuracy([each for each in same if each.identity == incident.identity])
    lines = [
        f"# {_plain(incident.alert)}: {_OUTCOMES[incident.outcome]}",
        "",
        f"* Incident: `{incident.id}`, {incident.severity or 'no severity'}",
        f"* Of: `{_plain(str(incident.subject))}`",
        f"* Told: {_plain(incident.description) or 'nothing'}",
        "",
        "## Prediction",
        "",
        f"* {_when(incident)}",
        f"* Probability: {_share(incident.probability)}{_climbed(incident)}",
        f"* Time thought to be left: {_span(incident.eta_seconds)}",
        f"* Causes: {', '.join(map(_plain, incident.causes)) or 'not known'}",
        "",
        "## What came of it",
        "",
        f"* Outcome: {_OUTCOMES[incident.outcome]}",
        f"* Began at: {_time(incident.came_true_at_seconds)}",
        f"* Lead time: {_span(incident.lead_seconds)}",
        f"* Off the time thought to be left by: {_span(_eta_error(incident))}",
        (
            f"* Said of it: {incident.verdict.replace('_', ' ') or 'nothing'}{': ' if incident.note else ''}"
            f"{_plain(incident.note)}"
        ),
        "",
        "## Timeline",
        "",
        "| time | what | |",
        "|---|---|---|",
        *(
            f"| {_time(entry.at_seconds)} | {_plain(entry.what)} | {_plain(entry.detail)} |"
            for entry in incident.timeline
        ),
        "",
        "## Accuracy of such predictions",
        "",
        "| | right | wrong | precision | mean lead time |",
        "|---|---|---|---|---|",
        _row("of this subject", here),
        _row(f"all {_plain(incident.alert)}", everywhere),
    ]
    return "\n".join(lines) + "\n"


def _accuracy(incidents: Iterable[Incident]) -> Accuracy:
    those = list(incidents)
    rights = [each.was_right for each in those]
    leads = [lead for each in those if (lead := each.lead_seconds) is not None]
    return Accuracy(rights.count(True), rights.count(False), sum(leads) / len(leads) if leads else math.nan)


def _row(name: str, told: Accuracy) -> str:
    precision = None if math.isnan(told.precision) else told.precision
    lead = None if math.isnan(told.mean_lead_seconds) else told.mean_lead_seconds
    return f"| {name} | {told.n_right} | {told.n_wrong} | {_share(precision)} | {_span(lead)} |"


def _climbed(incident: Incident) -> str:
    first, highest = incident.probability, incident.highest_probability
    return "" if highest is None or first is None or highest <= first else f", later {_share(highest)}"


def _eta_error(incident: Incident) -> float | None:
    lead = incident.lead_seconds
    return None if lead is None or incident.eta_seconds is None else abs(lead - incident.eta_seconds)


def _when(incident: Incident) -> str:
    at = _time(incident.predicted_at_seconds)
    return f"Predicted at {at}, within {_span(incident.horizon_seconds)}" if incident.is_prediction else f"Told at {at}"


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    parts = [f"{hours} h" * bool(hours), f"{minutes} min" * bool(minutes), f"{rest} s" * bool(rest)]
    return " ".join(filter(None, parts)) or "0 s"


def _share(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.0%}"


def _plain(text: str) -> str:
    """Text of others in a table's cell: no line breaks, and nothing that ends the cell."""
    return " ".join(text.split()).replace("|", "\\|").replace("`", "'")
