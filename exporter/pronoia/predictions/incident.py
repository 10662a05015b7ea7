"""Incidents: predicted alerts and alerts on anomalies, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pronoia.series.labels import LabelSet

#: How an incident may end. `came_true`: what was predicted began after it was told. `late`: it was so already.
#: `expired`: its time passed and nothing happened. `lost`: nobody spoke of it any more, neither firing nor resolved.
#: `ended`: an anomaly is over; only people can say whether it was one.
OUTCOMES = ("came_true", "late", "expired", "lost", "ended")
#: What people may say of one.
VERDICTS = ("useful", "false_alarm", "known")


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened, at a Unix time."""

    at_seconds: float
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """One predicted alert, or alert on an anomaly, of one subject, from the first message to the last word.

    Args:
        id: short and stable: the same alert, told again, has the same.
        alert: its name.
        severity: the highest that was told.
        firing: those at which it is told now.
        subject: labels that say of what it speaks.
        actual: names of the alerts that say that it has come true; none of an anomaly, which is so already.
        horizon_seconds: how far ahead the prediction spoke; of an anomaly, the longest pause within one.
        predicted_at_seconds: when it began to fire.
        last_seen_seconds: when it was last told to fire.
        description: what was told to people.
        probability: when it began; None where it is not known.
        highest_probability: of all times at which it was told anew; None likewise.
        eta_seconds: time that was thought to be left; None where it is not known.
        causes: what moved the prediction, the strongest first.
        resolved_at_seconds: when the prediction was taken back; None while it stands.
        came_true_at_seconds: when what was predicted began; None if it has not.
        actual_resolved_at_seconds: when that ended.
        closed_at_seconds: when the outcome was known; None while it is open.
        outcome: one of `OUTCOMES`; empty while it is open.
        verdict: one of `VERDICTS`; empty if nobody said anything.
        note: what was said with it.
        timeline: in order.
    """

    id: str
    alert: str
    severity: str
    subject: LabelSet
    actual: tuple[str, ...]
    horizon_seconds: float
    predicted_at_seconds: float
    last_seen_seconds: float
    description: str = ""
    probability: float | None = None
    eta_seconds: float | None = None
    causes: tuple[str, ...] = ()
    resolved_at_seconds: float | None = None
    came_true_at_seconds: float | None = None
    actual_resolved_at_seconds: float | None = None
    closed_at_seconds: float | None = None
    outcome: str = ""
    verdict: str = ""
    note: str = ""
    timeline: tuple[TimelineEntry, ...] = field(default=())
    firing: tuple[str, ...] = ()
    highest_probability: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether its outcome is not known yet."""
        return not self.outcome

    @property
    def is_prediction(self) -> bool:
        """Whether it can come true; an anomaly is so already."""
        return bool(self.actual)

    @property
    def identity(self) -> str:
        """The same for all incidents of one alert and subject."""
        return f"{self.alert}{self.subject}"

    @property
    def lead_seconds(self) -> float | None:
        """How long before it began it had been told; None if it has not come true."""
        if self.outcome != "came_true" or self.came_true_at_seconds is None:
            return None
        return self.came_true_at_seconds - self.predicted_at_seconds

    @property
    def was_right(self) -> bool | None:
        """Whether it counts as right; None where that cannot be said. A person's word outweighs what was measured."""
        if self.verdict == "false_alarm":
            return False
        if self.verdict == "known" or self.outcome in ("", "late", "lost"):
            return None
        if self.outcome == "ended":
            return True if self.verdict == "useful" else None
        return self.verdict == "useful" or self.outcome == "came_true"
