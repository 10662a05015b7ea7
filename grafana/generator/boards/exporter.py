"""`exporter`: Pronoia's own health: reading, time, freshness, models, live quality."""

from __future__ import annotations

from pathlib import Path

import yaml
from frame import Frame, Variable
from panels import Query, lines, number, states

_OWN = 'job=~"$job", instance=~"$instance"'

_RULES = Path(__file__).parents[3] / "rules" / "exporter.yaml"


def _own_alerts() -> str:
    """The names of the shipped alerts on Pronoia itself, as a regular expression."""
    groups = yaml.safe_load(_RULES.read_text(encoding="utf-8"))["groups"]
    return "|".join(dict.fromkeys(rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule))


def _within_a_day(family: str, by: str) -> str:
    return f"sum by ({by}) (increase({family}{{{_OWN}}}[1d]))"


def _rate(family: str, by: str) -> str:
    return f"sum by ({by}) (rate({family}{{{_OWN}}}[$__rate_interval]))"


def board() -> Frame:
    """The dashboard."""
    frame = Frame(
        "exporter",
        "Exporter",
        "Whether Pronoia reads, predicts in time, and is right: its own metrics.",
        (Variable("job", "pronoia_build_info"), Variable("instance", 'pronoia_build_info{job=~"$job"}')),
    )
    frame.row(
        "",
        number(
            "Upstreams down", "Upstreams from which the last read did not work.", "",
            Query(f"count(pronoia_upstream_up{{{_OWN}}} == 0) or vector(0)"), limits=(1.0, 2.0),
        ),
        number(
            "Age of what is shown", "Time since what /predictions shows was put together.", "seconds",
            Query(f"max(time() - pronoia_snapshot_timestamp_seconds{{{_OWN}}})"), limits=(300.0, 900.0),
        ),
        number(
            "Series with a forecast", "Over all queries.", "", Query(f"sum(pronoia_series_active{{{_OWN}}})"),
        ),
        number(
            "Series shown", "Series on /predictions, as a share of the most it may show.", "ratio",
            Query(f"max(pronoia_predictions_series{{{_OWN}}} / pronoia_predictions_series_limit{{{_OWN}}})"),
            limits=(0.8, 0.95),
        ),
        number(
            "Last reload failed", "Whether the configuration in use is not the newest, because that could not be read.",
            "", Query(f"max(1 - pronoia_config_last_reload_successful{{{_OWN}}})"), limits=(1.0, 2.0),
        ),
        number(
            "Errors in the last hour", "Log messages of level error.", "",
            Query(f'sum(increase(pronoia_log_messages_total{{level="error", {_OWN}}}[1h])) or vector(0)'),
            limits=(1.0, 100.0),
        ),
    )  # fmt: skip
    frame.row(
        "Reading",
        lines(
            "Requests to upstreams", "By their outcome: the HTTP status or the error's cause.", "",
            Query(_rate("pronoia_upstream_requests_total", "upstream, path, code"), "{{upstream}} {{path}} {{code}}"),
        ),
        lines(
            "Time of a request", "From sending it to the last sample decoded: median and the slowest in a hundred.",
            "seconds",
            Query(
                f"histogram_quantile(0.5, {_rate('pronoia_upstream_request_duration_seconds_bucket', 'le, path')})",
                "median, {{path}}",
            ),
            Query(
                f"histogram_quantile(0.99, {_rate('pronoia_upstream_request_duration_seconds_bucket', 'le, path')})",
                "99 %, {{path}}",
            ),
        ),
        lines(
            "Samples read", "Per second, decoded.", "",
            Query(_rate("pronoia_upstream_samples_read_total", "upstream, path"), "{{upstream}} {{path}}"),
        ),
        lines(
            "Retries and other ways", "Requests tried again, and times another way of reading was chosen.", "",
            Query(f"{_rate('pronoia_upstream_retries_total', 'reason')} or vector(0)", "retry {{reason}}"),
            Query(f"{_rate('pronoia_upstream_fallbacks_total', 'reason')} or vector(0)", "fallback {{reason}}"),
        ),
    )  # fmt: skip
    frame.row(
        "Rounds",
        lines(
            "Time of each stage", "The slowest query, when the stage last ran.", "seconds",
            Query(f"max by (stage) (pronoia_stage_duration_seconds{{{_OWN}}})", "{{stage}}"),
        ),
        lines(
            "Stages that failed or found nothing", "By reason.", "",
            Query(f"{_rate('pronoia_stage_failures_total', 'stage, reason')} or vector(0)", "{{stage}}: {{reason}}"),
            Query(f"{_rate('pronoia_stage_skips_total', 'stage, reason')} or vector(0)", "{{stage}}: {{reason}}"),
        ),
        lines(
            "Series left out", "By reason, per second.", "",
            Query(f"{_rate('pronoia_series_dropped_total', 'query, reason')} or vector(0)", "{{query}}: {{reason}}"),
        ),
        lines(
            "Since the last success", "Of the stage that is longest without one, by query.", "seconds",
            Query(
                f"max by (query) (time() - pronoia_stage_last_success_timestamp_seconds{{{_OWN}}})", "{{query}}",
            ),
        ),
    )  # fmt: skip
    frame.row(
        "Models",
        lines(
            "Age of the oldest fit", "That is in use, by query.", "seconds",
            Query(f"time() - pronoia_model_fit_timestamp_seconds{{{_OWN}}}", "{{query}}"),
        ),
        lines(
            "Time of fits", "Of the series whose turn it last was.", "seconds",
            Query(f"pronoia_model_fit_duration_seconds{{{_OWN}}}", "{{query}}"),
        ),
        lines(
            "Models that failed on a series", "Another one spoke.", "",
            Query(f"{_rate('pronoia_model_fit_failures_total', 'reason')} or vector(0)", "{{reason}}"),
        ),
        lines(
            "Series where nothing beats yesterday", "Seasonal-naive is used there.", "",
            Query(f"pronoia_forecast_guarded_series{{{_OWN}}}", "{{query}}"),
        ),
    )  # fmt: skip
    frame.row(
        "Live quality",
        lines(
            "Coverage of intervals", "The worst query: share of recent observations inside, by horizon and level.",
            "ratio",
            Query(
                f"min by (horizon, level) (pronoia_forecast_coverage_ratio{{{_OWN}}})",
                "{{horizon}}, interval of {{level}}",
            ),
        ),
        lines(
            "Error against seasonal-naive", "Mean absolute scaled error of recent forecasts; below 1 is better.", "",
            Query(f"pronoia_forecast_mase_ratio{{{_OWN}}}", "{{query}}"),
        ),
        lines(
            "Brier skill of overloads", "1 is perfect, 0 no better than the base rate.", "ratio",
            Query(f'pronoia_bottleneck_brier_skill_ratio{{target="state", {_OWN}}}', "{{resource}} within {{horizon}}"),
        ),
        lines(
            "Processor and memory", "Cores in use, and resident memory on the axis of its own.", "",
            Query(f"rate(process_cpu_seconds_total{{{_OWN}}}[$__rate_interval])", "cores"),
            Query(f"process_resident_memory_bytes{{{_OWN}}} / 1e9", "GB"),
        ),
    )  # fmt: skip
    frame.row(
        "Alerts, and what became of them",
        states(
            "Alerts on Pronoia itself", "Of rules/exporter.yaml, while they fire.",
            Query(
                f'max by (alertname, severity) (ALERTS{{alertname=~"{_own_alerts()}", alertstate="firing"}})'
                " or vector(0)",
                "{{alertname}} {{severity}}",
            ),
            width=12,
        ),
        states(
            "Predicted alerts", "While they fire, of all systems together.",
            Query(
                'max by (alertname, severity) (ALERTS{predictive="true", alertstate="firing"}) or vector(0)',
                "{{alertname}} {{severity}}",
            ),
            width=12,
        ),
        number(
            "Incidents open", "Predicted alerts whose outcome is not known yet.", "",
            Query(f"sum(pronoia_incidents_open{{{_OWN}}})"),
        ),
        number(
            "Muted", "Subjects whose predicted alerts are muted, as one was called a false alarm.", "",
            Query(f"sum(pronoia_incident_muted_subjects{{{_OWN}}})"),
        ),
        lines(
            "What became of predicted alerts", "Within the last day: they came true, or did not.", "",
            Query(_within_a_day("pronoia_incidents_closed_total", "outcome"), "{{outcome}}"), width=8,
        ),
        lines(
            "What people said of them", "Within the last day.", "",
            Query(_within_a_day("pronoia_incident_feedback_total", "verdict"), "{{verdict}}"), width=8,
        ),
        lines(
            "Predicted alerts that were right",
            "Share of those kept that came true, or that somebody called useful. Failures are critical or an emergency "
            "only while it is high enough.",
            "ratio", Query(f"pronoia_incident_precision_ratio{{{_OWN}}}", "{{alert}}"), width=8,
        ),
        lines(
            "Lead of those that came true", "How long before the actual alert the predicted one fired, on average.",
            "seconds", Query(f"pronoia_incident_lead_seconds{{{_OWN}}}", "{{alert}}"), width=8,
        ),
        lines(
            "What Alertmanager told", "Alerts told for the first time, and messages refused, by the reason.", "",
            Query(_rate("pronoia_webhook_alerts_total", "status"), "{{status}}"),
            Query(_rate("pronoia_webhook_rejected_total", "reason"), "refused: {{reason}}"), width=8,
        ),
    )  # fmt: skip
    return frame
