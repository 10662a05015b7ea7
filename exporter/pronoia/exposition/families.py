"""Every metric Pronoia exposes, declared once.

Rules, dashboards, the README and `pronoia metrics` are held to these declarations by tests. Only names of our own
stand here: `/metrics` also has the client library's `process_*` and `python_*`.
"""

from __future__ import annotations

from pronoia.exposition.anomaly_families import ANOMALY_FAMILIES, ANOMALY_TELEMETRY
from pronoia.exposition.failure_families import ALERT_FAMILIES, FAILURE_FAMILIES, FAILURE_WORK_FAMILIES
from pronoia.exposition.family import Family, Kind, Place

# Exporters that cache must say so in HELP (https://prometheus.io/docs/instrumenting/writing_exporters/#scheduling).
_CACHED = "Cached, refreshed every infer_every; see pronoia_snapshot_timestamp_seconds."


def _prediction(name: str, meaning: str, *labels: str, unit: str, of_series: bool = True) -> Family:
    return Family(name, Kind.GAUGE, f"{meaning} {_CACHED}", Place.PREDICTIONS, unit, labels, of_series)


def _curve(name: str, meaning: str) -> Family:
    return Family(name, Kind.GAUGE, meaning, Place.REMOTE_READ, "source", ("query",), keeps_source_labels=True)


def _gauge(name: str, meaning: str, *labels: str, unit: str = "") -> Family:
    return Family(name, Kind.GAUGE, meaning, Place.METRICS, unit, labels)


def _counter(name: str, meaning: str, *labels: str, unit: str = "") -> Family:
    return Family(name, Kind.COUNTER, meaning, Place.METRICS, unit, labels)


# Forecasts, on /predictions.
FORECAST = _prediction(
    "pronoia_forecast",
    "Forecast value of the query, one horizon ahead.",
    "query",
    "horizon",
    unit="source",
)
FORECAST_LOWER = _prediction(
    "pronoia_forecast_lower", "Lower bound of the forecast's interval.", "query", "horizon", unit="source"
)
FORECAST_UPPER = _prediction(
    "pronoia_forecast_upper", "Upper bound of the forecast's interval.", "query", "horizon", unit="source"
)
FORECAST_BAND_LOWER = _prediction(
    "pronoia_forecast_band_lower",
    "Lower bound of the interval of a further level, of those in forecast.bands.",
    "query",
    "horizon",
    "level",
    unit="source",
)
FORECAST_BAND_UPPER = _prediction(
    "pronoia_forecast_band_upper",
    "Upper bound of the interval of a further level, of those in forecast.bands.",
    "query",
    "horizon",
    "level",
    unit="source",
)
CROSSING = _prediction(
    "pronoia_threshold_crossing_seconds",
    "Time from making the forecast until it crosses the threshold; absent when it does not.",
    "query",
    "threshold",
    unit="seconds",
)
CROSSING_LOWER = _prediction(
    "pronoia_threshold_crossing_seconds_lower",
    "Earliest crossing: when the bound nearer to the threshold reaches it.",
    "query",
    "threshold",
    unit="seconds",
)
CROSSING_UPPER = _prediction(
    "pronoia_threshold_crossing_seconds_upper",
    "Latest crossing: when the bound farther from the threshold reaches it; +Inf if that is not in sight.",
    "query",
    "threshold",
    unit="seconds",
)
FORECAST_MADE = _prediction(
    "pronoia_forecast_made_timestamp_seconds",
    "When the query's forecast was made.",
    "query",
    unit="seconds",
    of_series=False,
)
FORECAST_TARGET = _prediction(
    "pronoia_forecast_target_timestamp_seconds",
    "The instant that the query's forecast at this horizon speaks of.",
    "query",
    "horizon",
    unit="seconds",
    of_series=False,
)
QUERY_INFO = _prediction(
    "pronoia_query_info",
    "What the query stands for: its PromQL and the unit of its values.",
    "query",
    "expression",
    "unit",
    unit="",
    of_series=False,
)
FORECAST_MUTED = _prediction(
    "pronoia_forecast_muted",
    "1 where somebody called an alert on the forecast a false alarm lately; rules keep quiet. Absent elsewhere.",
    "query",
    unit="",
)
QUERY_THRESHOLD = _prediction(
    "pronoia_query_threshold",
    "A threshold of the query, in the unit of its values.",
    "query",
    "threshold",
    unit="source",
    of_series=False,
)

# Bottlenecks, on /predictions.
BOTTLENECK_PROBABILITY = _prediction(
    "pronoia_bottleneck_probability",
    "Probability that the resource is overloaded at some time within the horizon (state), or that an overload begins "
    "within it, from a clean state (onset).",
    "resource",
    "horizon",
    "target",
    unit="",
)
BOTTLENECK_LOWER = _prediction(
    "pronoia_bottleneck_probability_lower",
    "Lower bound of the probability, at 95 per cent.",
    "resource",
    "horizon",
    "target",
    unit="",
)
BOTTLENECK_UPPER = _prediction(
    "pronoia_bottleneck_probability_upper",
    "Upper bound of the probability, at 95 per cent.",
    "resource",
    "horizon",
    "target",
    unit="",
)
BOTTLENECK_ETA = _prediction(
    "pronoia_bottleneck_eta_seconds",
    "Time until the resource is overloaded, 0 while it is; absent when that is not expected.",
    "resource",
    unit="seconds",
)
BOTTLENECK_ETA_LOWER = _prediction(
    "pronoia_bottleneck_eta_seconds_lower",
    "The earliest that the overload may come.",
    "resource",
    unit="seconds",
)
BOTTLENECK_ETA_UPPER = _prediction(
    "pronoia_bottleneck_eta_seconds_upper",
    "The latest that the overload may come; +Inf if it may as well not come.",
    "resource",
    unit="seconds",
)
BOTTLENECK_SEVERITY = _prediction(
    "pronoia_bottleneck_severity",
    "How bad it is, from 1 to 10: probability within the longest horizon, time left, and how far above the threshold.",
    "resource",
    unit="",
)
BOTTLENECK_UTILISATION = _prediction(
    "pronoia_bottleneck_utilization_ratio",
    "The newest utilisation that the prediction knows of, in the unit of its query.",
    "resource",
    unit="ratio",
)
BOTTLENECK_THRESHOLD = _prediction(
    "pronoia_bottleneck_threshold_ratio",
    "Where an overload begins, in the same unit.",
    "resource",
    unit="ratio",
)
BOTTLENECK_MADE = _prediction(
    "pronoia_bottleneck_made_timestamp_seconds",
    "When the predictions of the resource were made.",
    "resource",
    unit="seconds",
    of_series=False,
)
ATTRIBUTION = _prediction(
    "pronoia_attribution",
    "What moved the prediction most, as its share in the log-odds (TreeSHAP); of likely ones only.",
    "stem",
    "subject",
    "feature",
    unit="",
)

BOTTLENECK_MUTED = _prediction(
    "pronoia_bottleneck_muted",
    "1 where somebody called an alert on the resource a false alarm lately; rules keep quiet. Absent elsewhere.",
    "resource",
    unit="",
)

# The whole curve, over remote-read.
CURVE = _curve("pronoia_forecast_curve", "Forecast of the query at the sample's own time, from now to the horizon.")
CURVE_LOWER = _curve("pronoia_forecast_curve_lower", "Lower bound of pronoia_forecast_curve.")
CURVE_UPPER = _curve("pronoia_forecast_curve_upper", "Upper bound of pronoia_forecast_curve.")

# Pronoia's own health, on /metrics.
BUILD_INFO = _gauge("pronoia_build_info", "Always 1; which Pronoia this is.", "version", "revision", "pythonversion")
UPSTREAM_UP = _gauge("pronoia_upstream_up", "Whether the last read from the upstream worked.", "upstream")
UPSTREAM_PATH = _gauge("pronoia_upstream_path", "1 for the way of reading in use, 0 for the other.", "upstream", "path")
UPSTREAM_REQUESTS = _counter(
    "pronoia_upstream_requests_total",
    "Requests to the upstream, the retries of one counted with it; code is the HTTP status or the error's cause.",
    "upstream",
    "path",
    "code",
)
UPSTREAM_REQUEST_DURATION = Family(
    "pronoia_upstream_request_duration_seconds",
    Kind.HISTOGRAM,
    "Time from sending a request to the last sample decoded.",
    Place.METRICS,
    "seconds",
    ("upstream", "path"),
)
UPSTREAM_RECEIVED = _counter(
    "pronoia_upstream_received_bytes_total", "Body bytes received.", "upstream", "path", unit="bytes"
)
UPSTREAM_SAMPLES = _counter("pronoia_upstream_samples_read_total", "Samples decoded.", "upstream", "path")
UPSTREAM_HISTOGRAMS = _counter(
    "pronoia_upstream_native_samples_skipped_total",
    "Samples of native histograms, which are not forecast.",
    "upstream",
    "path",
)
UPSTREAM_RETRIES = _counter("pronoia_upstream_retries_total", "Requests tried again.", "upstream", "reason")
UPSTREAM_FALLBACKS = _counter(
    "pronoia_upstream_fallbacks_total", "Times another way of reading was chosen.", "upstream", "reason"
)
QUERY_PATH = _gauge(
    "pronoia_query_path",
    "1 for the way the query is read, 0 for the other; by remote_read, expressions are evaluated by Pronoia itself.",
    "query",
    "path",
)
STAGE_DURATION = _gauge(
    "pronoia_stage_duration_seconds", "Time the stage took when it last ran.", "query", "stage", unit="seconds"
)
STAGE_RUNS = _counter("pronoia_stage_runs_total", "Runs of the stage, however they ended.", "query", "stage")
STAGE_FAILURES = _counter("pronoia_stage_failures_total", "Runs that failed.", "query", "stage", "reason")
STAGE_SKIPS = _counter("pronoia_stage_skips_total", "Runs that found nothing to do.", "query", "stage", "reason")
STAGE_LAST_SUCCESS = _gauge(
    "pronoia_stage_last_success_timestamp_seconds", "When the stage last ended well.", "query", "stage", unit="seconds"
)
SNAPSHOT_TIMESTAMP = _gauge(
    "pronoia_snapshot_timestamp_seconds", "When what /predictions shows was put together.", unit="seconds"
)
SCHEDULER_LAST_TICK = _gauge(
    "pronoia_scheduler_last_tick_timestamp_seconds", "When the scheduler last looked for due work.", unit="seconds"
)
WORKER_RESTARTS = _counter("pronoia_worker_restarts_total", "Worker processes replaced after they died.")
SERIES_ACTIVE = _gauge("pronoia_series_active", "Series of the query that have a forecast.", "query")
SERIES_DROPPED = _counter(
    "pronoia_series_dropped_total", "Series left out of a cycle or a page, once each time.", "query", "reason"
)
SERIES_RENAMED = _gauge(
    "pronoia_series_labels_renamed",
    "Series shown with a label renamed (exported_*, or characters replaced), so that ours stay ours.",
    "query",
)
MODEL_FIT_TIMESTAMP = _gauge(
    "pronoia_model_fit_timestamp_seconds", "When the oldest fit that is in use was made.", "query", unit="seconds"
)
MODEL_FIT_DURATION = _gauge(
    "pronoia_model_fit_duration_seconds",
    "Time the last fit took, of the series whose turn it was.",
    "query",
    unit="seconds",
)
MODEL_FIT_FAILURES = _counter(
    "pronoia_model_fit_failures_total", "Models that failed on a series; another one spoke.", "query", "reason"
)
MODEL_SERIES = _gauge("pronoia_model_series", "Series the model speaks for.", "query", "model")
MEMBER_WEIGHT = _gauge(
    "pronoia_forecast_member_weight_ratio",
    "Mean weight of the ensemble's member over the series that the ensemble speaks for, and over their horizons.",
    "query",
    "member",
    unit="ratio",
)
FORECAST_GUARDED = _gauge(
    "pronoia_forecast_guarded_series",
    "Series where seasonal-naive is used because nothing beat it in the backtest.",
    "query",
)
EVENT_SERIES = _gauge(
    "pronoia_forecast_event_series",
    "Series whose forecasts use the event, as it helped in the backtest.",
    "query",
    "event",
)
LOCAL_CLOCK_SERIES = _gauge(
    "pronoia_forecast_local_clock_series",
    "Series whose history or curve was moved over a change of the local clock.",
    "query",
)
EVENT_READ_FAILURES = _counter(
    "pronoia_event_read_failures_total",
    "Reads of an event's query that failed; forecasts go on without news of it.",
    "event",
    "reason",
)
FORECAST_COVERAGE = _gauge(
    "pronoia_forecast_coverage_ratio",
    "Share of recent observations inside the interval of the level forecast for them.",
    "query",
    "horizon",
    "level",
    unit="ratio",
)
FORECAST_LEVEL = _gauge(
    "pronoia_forecast_interval_level_ratio",
    "Share of observations the interval is meant to hold.",
    "query",
    unit="ratio",
)
FORECAST_MASE = _gauge(
    "pronoia_forecast_mase_ratio",
    "Mean absolute scaled error of recent forecasts; below 1 is better than seasonal-naive.",
    "query",
    unit="ratio",
)
FORECAST_MATURED = _counter(
    "pronoia_forecast_matured_total", "Forecast values compared with what was then observed.", "query"
)
BOTTLENECK_LEVELS = _gauge(
    "pronoia_bottleneck_alert_threshold_ratio",
    "Probability from which each level of bottleneck.alert_thresholds speaks, for rules to compare with.",
    "level",
    unit="ratio",
)
FAILURE_LEVELS = _gauge(
    "pronoia_failure_alert_threshold_ratio",
    "Probability from which a level of failure alerts speaks.",
    "level",
    unit="ratio",
)
BOTTLENECK_SUBJECTS = _gauge(
    "pronoia_bottleneck_subjects", "Systems or devices that have a prediction of the resource.", "resource"
)
BOTTLENECK_YOUNG = _gauge(
    "pronoia_bottleneck_young_subjects",
    "Those among them of which less than a day is known: what comes again every day cannot be foretold of them.",
    "resource",
)
BOTTLENECK_SKIPPED = _counter(
    "pronoia_bottleneck_skipped_total",
    "Systems or devices left without a prediction, once each time.",
    "resource",
    "reason",
)
BOTTLENECK_MODEL_INFO = _gauge(
    "pronoia_bottleneck_model_info",
    "Always 1; which model speaks for the resource: the prior that comes with Pronoia, one fitted to local history, or "
    "a file; and whether a neural network is a member of it.",
    "resource",
    "source",
    "neural",
)
BOTTLENECK_MODEL_EVENTS = _gauge(
    "pronoia_bottleneck_model_events",
    "Overloads in the local history that the model was fitted to; 0 for the prior.",
    "resource",
)
BOTTLENECK_MODEL_TIMESTAMP = _gauge(
    "pronoia_bottleneck_model_timestamp_seconds",
    "When the newest sample was taken that the local model was fitted to; 0 for the prior.",
    "resource",
    unit="seconds",
)
BOTTLENECK_FITS = _counter(
    "pronoia_bottleneck_model_fits_total",
    "Fits of local models: taken up, no better than the model in use, not possible yet, or failed.",
    "resource",
    "outcome",
)
BOTTLENECK_BRIER = _gauge(
    "pronoia_bottleneck_brier_ratio",
    "Mean squared difference between probability and outcome, of those that have come due.",
    "resource",
    "horizon",
    "target",
    unit="ratio",
)
BOTTLENECK_SKILL = _gauge(
    "pronoia_bottleneck_brier_skill_ratio",
    "How much better that is than saying the base rate always: 1 is perfect, 0 no better.",
    "resource",
    "horizon",
    "target",
    unit="ratio",
)
BOTTLENECK_PRECISION = _gauge(
    "pronoia_bottleneck_precision_ratio",
    "Share of probabilities at or above the level warning that came true.",
    "resource",
    "horizon",
    "target",
    unit="ratio",
)
BOTTLENECK_RECALL = _gauge(
    "pronoia_bottleneck_recall_ratio",
    "Share of what happened of which a probability at or above the level warning had spoken.",
    "resource",
    "horizon",
    "target",
    unit="ratio",
)
BOTTLENECK_MATURED = _counter(
    "pronoia_bottleneck_matured_total", "Probabilities compared with what then happened.", "resource"
)
BOTTLENECK_ONSETS = _counter(
    "pronoia_bottleneck_onsets_total",
    "Overloads that began, by whether they had been warned of without a break for a quarter of an hour (three slots) "
    "or more.",
    "resource",
    "announced",
)
BOTTLENECK_LEAD = _gauge(
    "pronoia_bottleneck_lead_seconds",
    "How long before it began an overload had been warned of, mean over those that began lately and were warned of.",
    "resource",
    unit="seconds",
)
BOTTLENECK_CORRECTED = _gauge(
    "pronoia_bottleneck_recalibrated_classifiers",
    "Classifiers, of eight, whose probabilities are corrected by what happened; each takes 200 positives.",
    "resource",
)
# What becomes of alerts.
WEBHOOK_ALERTS = _counter("pronoia_webhook_alerts_total", "Alerts that Alertmanager told for the first time.", "status")
WEBHOOK_DUPLICATES = _counter(
    "pronoia_webhook_duplicates_total", "Alerts that Alertmanager told again; they change nothing."
)
WEBHOOK_REJECTED = _counter("pronoia_webhook_rejected_total", "Messages to the webhook that were refused.", "reason")
INCIDENTS_OPEN = _gauge("pronoia_incidents_open", "Predicted alerts whose outcome is not known yet.")
INCIDENTS_CLOSED = _counter(
    "pronoia_incidents_closed_total",
    "Those whose outcome is known: came_true, late (it was so already), expired or lost; ended, of anomalies.",
    "outcome",
)
INCIDENT_FEEDBACK = _counter(
    "pronoia_incident_feedback_total", "What people said of incidents: useful, false_alarm or known.", "verdict"
)
INCIDENT_PRECISION = _gauge(
    "pronoia_incident_precision_ratio",
    "Share of the predicted alerts kept that were right: they came true, or somebody called them useful.",
    "alert",
    unit="ratio",
)
INCIDENTS_JUDGED = _gauge(
    "pronoia_incidents_judged", "Predicted alerts kept of which it is known whether they were right.", "alert"
)
INCIDENT_LEAD = _gauge(
    "pronoia_incident_lead_seconds",
    "How long before the actual alert the predicted one fired, mean over those kept that came true.",
    "alert",
    unit="seconds",
)
INCIDENT_MUTED = _gauge(
    "pronoia_incident_muted_subjects", "Subjects whose predicted alerts are muted, as one was called a false alarm."
)
PUSH_ALERTS = _gauge("pronoia_push_alerts", "Alerts that are posted to Alertmanager while they last.")
PUSH_REQUESTS = _counter(
    "pronoia_push_requests_total",
    "Posts to the Alertmanager, the retries of one counted with it; code is the HTTP status or the error's cause.",
    "alertmanager",
    "code",
)
PUSH_RETRIES = _counter(
    "pronoia_push_retries_total", "Posts to the Alertmanager tried again.", "alertmanager", "reason"
)
PUSH_LAST_SUCCESS = _gauge(
    "pronoia_push_last_success_timestamp_seconds",
    "When the Alertmanager last took what was posted; until it has, when posting began.",
    "alertmanager",
    unit="seconds",
)
MITIGATIONS = _counter(
    "pronoia_mitigations_total",
    "Actions taken for incidents: called, failed, dry_run, or left by rate_limited.",
    "action",
    "outcome",
)
PREDICTIONS_SERIES = _gauge("pronoia_predictions_series", "Series on /predictions.")
PREDICTIONS_SERIES_LIMIT = _gauge("pronoia_predictions_series_limit", "Most series that /predictions may show.")
PREDICTIONS_RENDER_DURATION = _gauge(
    "pronoia_predictions_render_duration_seconds", "Time the last rendering of /predictions took.", unit="seconds"
)
RELOAD_SUCCESSFUL = _gauge(
    "pronoia_config_last_reload_successful", "Whether the last reload of the configuration worked."
)
RELOAD_TIMESTAMP = _gauge(
    "pronoia_config_last_reload_success_timestamp_seconds",
    "When the configuration was last loaded successfully.",
    unit="seconds",
)
LOG_MESSAGES = _counter("pronoia_log_messages_total", "Log messages written.", "level")

FAMILIES: tuple[Family, ...] = (
    *(value for value in globals().values() if isinstance(value, Family)),
    *ANOMALY_FAMILIES,
    *ANOMALY_TELEMETRY,
    *FAILURE_FAMILIES,
    *ALERT_FAMILIES,
    *FAILURE_WORK_FAMILIES,
)

_BANDS = (FORECAST_BAND_LOWER, FORECAST_BAND_UPPER)

#: Those of one resource's series; forecasts keep a label `resource` of the source.
BOTTLENECK_FAMILIES = (
    BOTTLENECK_PROBABILITY,
    BOTTLENECK_LOWER,
    BOTTLENECK_UPPER,
    BOTTLENECK_ETA,
    BOTTLENECK_ETA_LOWER,
    BOTTLENECK_ETA_UPPER,
    BOTTLENECK_SEVERITY,
    BOTTLENECK_UTILISATION,
    BOTTLENECK_THRESHOLD,
    BOTTLENECK_MADE,
    ATTRIBUTION,
    BOTTLENECK_MUTED,
)

# Labels that rules set: series that these alone tell apart would become one alert, which costs all alerts of the rule.
_OF_ALERTS = frozenset({"alertname", "severity", "stem"})
#: Names that a source label must give way to.
OUR_PREDICTION_LABELS = _OF_ALERTS | frozenset(
    label
    for family in FAMILIES
    if family.keeps_source_labels
    and family not in (*_BANDS, *ANOMALY_FAMILIES, *BOTTLENECK_FAMILIES, *FAILURE_FAMILIES, *ALERT_FAMILIES)
    for label in family.labels
)
#: The same for a resource, in all its families.
OUR_BOTTLENECK_LABELS = _OF_ALERTS | frozenset(label for family in BOTTLENECK_FAMILIES for label in family.labels)
#: The same for a watch of anomalies, whose series may be anything, in all its families.
OUR_ANOMALY_LABELS = _OF_ALERTS | frozenset(label for family in ANOMALY_FAMILIES for label in family.labels)
#: The same for a failure, in all its families.
OUR_FAILURE_LABELS = _OF_ALERTS | frozenset(
    label for family in (*FAILURE_FAMILIES, ATTRIBUTION) for label in family.labels
)
#: The same for the user's own alerts.
OUR_ALERT_LABELS = frozenset(label for family in ALERT_FAMILIES for label in family.labels)
#: The same for a query with bands, in all its families, so that they join; others keep a label `level` of the source.
OUR_BAND_LABELS = OUR_PREDICTION_LABELS | {label for family in _BANDS for label in family.labels}
