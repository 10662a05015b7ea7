"""The metrics of anomalies; `families` takes them up."""

from __future__ import annotations

from pronoia.exposition.family import Family, Kind, Place

_CACHED = "Cached, refreshed every infer_every; see pronoia_snapshot_timestamp_seconds."
# Either of both: the series of a query are watched one by one, systems with all their metrics.
_WHO = ("query", "system")


def _prediction(name: str, meaning: str, *labels: str, unit: str = "", of_series: bool = True) -> Family:
    return Family(name, Kind.GAUGE, f"{meaning} {_CACHED}", Place.PREDICTIONS, unit, labels, of_series)


def _own(name: str, kind: Kind, meaning: str, *labels: str, unit: str = "") -> Family:
    return Family(name, kind, meaning, Place.METRICS, unit, labels)


ANOMALY_SCORE = _prediction(
    "pronoia_anomaly_score",
    "How unusual the series or the system is: 1 is the line for the configured rate of false alarms.",
    *_WHO,
)
ANOMALY_PEER_SCORE = _prediction(
    "pronoia_anomaly_peer_score", "How much the series differs from its siblings: 1 is the line.", *_WHO
)
ANOMALY_LOWER = _prediction(
    "pronoia_anomaly_expected_lower", "Least value that is expected of the metric.", *_WHO, "metric", unit="source"
)
ANOMALY_UPPER = _prediction(
    "pronoia_anomaly_expected_upper", "Greatest value that is expected of the metric.", *_WHO, "metric", unit="source"
)
ANOMALY_CONTRIBUTION = _prediction(
    "pronoia_anomaly_contribution_ratio",
    "Share of the score that comes from the metric, negative where it is too low; the greatest, beyond the line alone.",
    *_WHO,
    "metric",
    unit="ratio",
)
ANOMALY_SINCE = _prediction(
    "pronoia_anomaly_since_timestamp_seconds",
    "Since when it has been beyond the line, pauses of less than an hour apart; absent where it is not.",
    *_WHO,
    unit="seconds",
)
ANOMALY_MUTED = _prediction(
    "pronoia_anomaly_muted",
    "1 where the configuration mutes it, or somebody called an alert on it a false alarm lately. Absent elsewhere.",
    *_WHO,
)
ANOMALY_MADE = _prediction(
    "pronoia_anomaly_made_timestamp_seconds", "When the scores were made.", *_WHO, unit="seconds", of_series=False
)

#: Those on the page of predictions.
ANOMALY_FAMILIES = (
    ANOMALY_SCORE,
    ANOMALY_PEER_SCORE,
    ANOMALY_LOWER,
    ANOMALY_UPPER,
    ANOMALY_CONTRIBUTION,
    ANOMALY_SINCE,
    ANOMALY_MUTED,
    ANOMALY_MADE,
)

ANOMALY_SUBJECTS = _own("pronoia_anomaly_subjects", Kind.GAUGE, "Series or systems that have a score.", "watch")
ANOMALY_SKIPPED = _own(
    "pronoia_anomaly_skipped",
    Kind.GAUGE,
    "What is not scored: subjects by warm_up and not_learnable, metrics by constant and few_samples, others by name.",
    "watch",
    "reason",
)
ANOMALY_FITS = _own(
    "pronoia_anomaly_fits_total",
    Kind.COUNTER,
    "Series or systems of which it was learnt what is usual: fitted, not_possible or failed.",
    "watch",
    "outcome",
)
ANOMALY_AIM = _own(
    "pronoia_anomaly_false_alarms_per_day_target",
    Kind.GAUGE,
    "False alarms a day that are aimed at, of each series or system.",
    "watch",
)
ANOMALY_EPISODES = _own(
    "pronoia_anomaly_episodes_total",
    Kind.COUNTER,
    "Times that a series or a system went beyond the line, pauses of less than an hour apart.",
    "watch",
)
ANOMALY_SCORED = _own(
    "pronoia_anomaly_scored_seconds_total",
    Kind.COUNTER,
    "Time that was scored, of all series or systems together; episodes by it are the rate to hold against the target.",
    "watch",
    unit="seconds",
)

#: Those on the page of Pronoia's own health.
ANOMALY_TELEMETRY = (
    ANOMALY_SUBJECTS,
    ANOMALY_SKIPPED,
    ANOMALY_FITS,
    ANOMALY_AIM,
    ANOMALY_EPISODES,
    ANOMALY_SCORED,
)
