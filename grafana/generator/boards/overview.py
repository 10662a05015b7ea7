"""`overview`: what is at risk, when, how sure, why, and what to do."""

from __future__ import annotations

from pathlib import Path

import yaml
from frame import Annotation, Frame, Variable
from panels import Query, lines, number, rows, states, words

_OF = 'instance=~"$instance"'
_WITHIN = f'target="state", horizon="30m", {_OF}'
_PREDICTED = f'alertstate="firing", predictive="true", {_OF}'
_WORST = f"topk(10, pronoia_anomaly_score{{{_OF}}})"
_SINCE = (
    f"((time() - pronoia_anomaly_since_timestamp_seconds{{{_OF}}}) or 0 * pronoia_anomaly_score{{{_OF}}}) and {_WORST}"
)
_RULES = Path(__file__).parents[3] / "rules"


def _todo() -> str:
    """The alerts of the shipped rules, each with its runbook."""
    found: dict[str, tuple[str, str]] = {}
    for file in sorted(_RULES.glob("*.yaml")):
        groups = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
        for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
            notes = rule["annotations"]
            found.setdefault(rule["alert"], (notes["summary"], notes["runbook_url"]))
    lines = [f"| {alert} | {summary} | {url} |" for alert, (summary, url) in found.items()]
    return "\n".join(["| alert | says | what to do |", "|---|---|---|", *lines])


def board() -> Frame:
    """The dashboard."""
    frame = Frame(
        "overview",
        "Overview",
        "What is at risk, when, how sure that is, why, and what to do.",
        (Variable("job", "pronoia_build_info"), Variable("instance", "pronoia_forecast")),
        (
            Annotation(
                "Predicted alerts", f"ALERTS{{{_PREDICTED}}}", "{{alertname}} {{severity}} {{instance}}", "orange"
            ),
        ),
    )
    frame.row(
        "",
        number(
            "Predicted alerts that fire", "Rules on predictions that fire now.", "",
            Query(f"count(ALERTS{{{_PREDICTED}}}) or vector(0)"), limits=(1.0, 10.0),
        ),
        number(
            "Overloads expected", "Resources that are likely to be overloaded within 30 minutes, at the level warning.",
            "",
            Query(
                f"count(pronoia_bottleneck_probability{{{_WITHIN}}} >= on () group_left ()"
                ' max(pronoia_bottleneck_alert_threshold_ratio{level="warning"})) or vector(0)'
            ),
            limits=(1.0, 10.0),
        ),
        number(
            "Thresholds expected to be crossed", "Forecasts that cross a threshold within a day.", "",
            Query(f"count(pronoia_threshold_crossing_seconds{{{_OF}}} < 86400) or vector(0)"), limits=(1.0, 10.0),
        ),
        number(
            "Next crossing", "The first that is expected; a forecast that is over its threshold says 0.", "seconds",
            Query(f"min(pronoia_threshold_crossing_seconds{{{_OF}}}) or vector(Inf)"),
        ),
        number(
            "Live coverage", "Share of recent observations that 95 % intervals held, over all queries and horizons.",
            "ratio", Query('avg(pronoia_forecast_coverage_ratio{level="0.95", job=~"$job"})'),
        ),
        number(
            "Age of what is shown", "Time since predictions were last put together.", "seconds",
            Query('max(time() - pronoia_snapshot_timestamp_seconds{job=~"$job"})'), limits=(300.0, 900.0),
        ),
    )  # fmt: skip
    frame.row(
        "What, when, how sure",
        rows(
            "Overloads within 30 minutes",
            "The most probable ones, with bounds; their time and severity are on the dashboard of bottlenecks.",
            {
                "probability": ("ratio", f"topk(10, pronoia_bottleneck_probability{{{_WITHIN}}})"),
                "at least": ("ratio", f"pronoia_bottleneck_probability_lower{{{_WITHIN}}}"),
                "at most": ("ratio", f"pronoia_bottleneck_probability_upper{{{_WITHIN}}}"),
            },
            hidden=("target", "horizon"),
            sort="probability",
            width=12,
        ),
        rows(
            "Thresholds that forecasts cross",
            "Time until then, and its bounds; the latest is infinite if it may as well not happen.",
            {
                "in": ("seconds", f"bottomk(10, pronoia_threshold_crossing_seconds{{{_OF}}}) or vector(Inf)"),
                "at the earliest": (
                    "seconds", f"pronoia_threshold_crossing_seconds_lower{{{_OF}}} or vector(Inf)",
                ),
                "at the latest": (
                    "seconds", f"pronoia_threshold_crossing_seconds_upper{{{_OF}}} or vector(Inf)",
                ),
            },
            width=12,
        ),
    )  # fmt: skip
    frame.row(
        "What is unusual now",
        number(
            "Systems beyond the line", "That behave as they have not before, those that are muted included.", "",
            Query(f'count(pronoia_anomaly_score{{system!="", {_OF}}} > 1) or vector(0)'), limits=(1.0, 10.0),
        ),
        number(
            "Series beyond the line", "Of queries whose series are watched one by one.", "",
            Query(f'count(pronoia_anomaly_score{{query!="", {_OF}}} > 1) or vector(0)'), limits=(1.0, 10.0),
        ),
        rows(
            "The most unusual",
            "Scores, of which 1 is the line; why, and what would be usual, is on the dashboard of anomalies.",
            {
                "score": ("", _WORST),
                "for": ("seconds", _SINCE),
            },
            sort="score",
            width=16,
        ),
    )  # fmt: skip
    frame.row(
        "Why, and what to do",
        rows(
            "Why",
            "What moved likely predictions most, as its share in the log-odds (TreeSHAP). "
            "docs/causes.md has those of overloads in words.",
            {"share": ("", f"topk(15, pronoia_attribution{{{_OF}}}) or vector(0)")},
            sort="share",
            width=12,
        ),
        words("What to do", "Runbooks of the alerts that the shipped rules send.", _todo(), width=12, height=8),
    )
    frame.row(
        "Predictions and what happened",
        states(
            "Alerts",
            "Predicted and actual alerts, while they fire.",
            Query(
                'max by (alertname, severity, predictive) (ALERTS{alertstate="firing"}) or vector(0)',
                "{{alertname}} {{severity}}",
            ),
        ),
        lines(
            "Incidents",
            "Predicted alerts whose outcome became known within the last day: they came true, or did not.",
            "",
            Query(
                'sum by (outcome) (increase(pronoia_incidents_closed_total{job=~"$job"}[1d])) or vector(0)',
                "{{outcome}}",
            ),
        ),
        lines(
            "Predicted alerts that were right",
            "Share that came true, or that somebody called useful, of all that are kept.",
            "ratio",
            Query('pronoia_incident_precision_ratio{job=~"$job"}', "{{alert}}"),
        ),
        lines(
            "Probability of an overload within 30 minutes",
            "The highest of each resource.",
            "ratio",
            Query(f"max by (resource) (pronoia_bottleneck_probability{{{_WITHIN}}})", "{{resource}}"),
        ),
        lines(
            "Series of which a threshold will be crossed",
            "By query.",
            "",
            Query(f"count by (query) (pronoia_threshold_crossing_seconds{{{_OF}}}) or vector(0)", "{{query}}"),
        ),
    )
    return frame
