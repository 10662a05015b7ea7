"""The metrics of failures; `families` takes them up."""

from __future__ import annotations

from pronoia.exposition.family import Family, Kind, Place

_CACHED = "Cached, refreshed every infer_every; see pronoia_snapshot_timestamp_seconds."


def _prediction(name: str, meaning: str, *labels: str, unit: str = "", of_series: bool = True) -> Family:
    return Family(name, Kind.GAUGE, f"{meaning} {_CACHED}", Place.PREDICTIONS, unit, labels, of_series)


FAILURE_PROBABILITY = _prediction(
    "pronoia_failure_probability",
    "Probability that the failure (any: one of them) happens within the horizon.",
    "failure",
    "horizon",
)
FAILURE_LOWER = _prediction(
    "pronoia_failure_probability_lower", "Lower bound of the probability, at 95 per cent.", "failure", "horizon"
)
FAILURE_UPPER = _prediction(
    "pronoia_failure_probability_upper", "Upper bound of the probability, at 95 per cent.", "failure", "horizon"
)
FAILURE_TIME = _prediction(
    "pronoia_failure_time_seconds",
    "Time until the failure, at which it is as likely as not; absent when it is not expected.",
    "failure",
    unit="seconds",
)
FAILURE_TIME_LOWER = _prediction(
    "pronoia_failure_time_seconds_lower", "The earliest that the failure may come.", "failure", unit="seconds"
)
FAILURE_TIME_UPPER = _prediction(
    "pronoia_failure_time_seconds_upper",
    "The latest that the failure may come; +Inf if it may as well not come.",
    "failure",
    unit="seconds",
)
FAILURE_SEVERITY = _prediction(
    "pronoia_failure_severity",
    "1 for the severity: critical within 15 minutes, high within an hour, medium within longer horizons, else low.",
    "failure",
    "severity",
)
FAILURE_MUTED = _prediction(
    "pronoia_failure_muted",
    "1 where somebody called an alert on the failure a false alarm lately; rules keep quiet. Absent elsewhere.",
    "failure",
)
FAILURE_HAPPENING = _prediction(
    "pronoia_failure_happening",
    "1 while the failure happens: a signal is at its limit, or a condition holds. Absent elsewhere.",
    "failure",
)
FAILURE_SIGNAL = _prediction(
    "pronoia_failure_signal_info",
    "The signal that presses most, of those that lead to the failure; of any, the likeliest failure.",
    "failure",
    "signal",
)
FAILURE_EVENTS = _prediction(
    "pronoia_failure_model_events",
    "Failures that are known, and what speaks: prior, supervised (which outweighs the prior), or recurrence.",
    "failure",
    "speaker",
    of_series=False,
)
FAILURE_MADE = _prediction(
    "pronoia_failure_made_timestamp_seconds",
    "When the predictions of the failure were made.",
    "failure",
    unit="seconds",
    of_series=False,
)
FAILURE_FITS = Family(
    "pronoia_failure_model_fits_total",
    Kind.COUNTER,
    "Fits to what happened: accepted, calibrated (few failures: the prior alone), not_possible, failed, not_saved.",
    Place.METRICS,
    "",
    ("failure", "outcome"),
)
FAILURE_UNREAD = Family(
    "pronoia_failure_unread_sources",
    Kind.GAUGE,
    "Signals and conditions of the failure that could not be read the last time; what was known of them still counts.",
    Place.METRICS,
    "",
    ("failure",),
)
ALERT_PROBABILITY = _prediction(
    "pronoia_alert_probability",
    "Probability that the alert of your own begins to fire within the horizon; absent while it fires.",
    "horizon",
)
ALERT_FIRINGS = _prediction("pronoia_alert_firings", "Firings of the alert learnt from, and what speaks.", "speaker")

#: Those of Pronoia's own work on failures, on the page of its metrics.
FAILURE_WORK_FAMILIES = (FAILURE_FITS, FAILURE_UNREAD)

#: Those of the user's own alerts.
ALERT_FAMILIES = (ALERT_PROBABILITY, ALERT_FIRINGS)

#: Those on the page of predictions.
FAILURE_FAMILIES = (
    FAILURE_PROBABILITY,
    FAILURE_LOWER,
    FAILURE_UPPER,
    FAILURE_TIME,
    FAILURE_TIME_LOWER,
    FAILURE_TIME_UPPER,
    FAILURE_SEVERITY,
    FAILURE_MUTED,
    FAILURE_HAPPENING,
    FAILURE_SIGNAL,
    FAILURE_EVENTS,
    FAILURE_MADE,
)
