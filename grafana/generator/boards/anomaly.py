"""`anomaly`: what is unusual, since when, which metrics make it so, and how often that is said."""

from __future__ import annotations

from frame import Annotation, Frame, Variable
from panels import Query, lines, number, rows

_OF = 'job=~"$job", instance=~"$instance"'
_LINE = Query("vector(1)", "the line")
_WORST = f"topk(20, pronoia_anomaly_score{{{_OF}}})"
_SINCE = (
    f"((time() - pronoia_anomaly_since_timestamp_seconds{{{_OF}}}) or 0 * pronoia_anomaly_score{{{_OF}}}) and {_WORST}"
)
_WHY = f"pronoia_anomaly_contribution_ratio{{{_OF}}}"
_EPISODES = "sum by (watch) (increase(pronoia_anomaly_episodes_total[1d]))"
_DAYS = "(sum by (watch) (increase(pronoia_anomaly_scored_seconds_total[1d])) / 86400)"


def board() -> Frame:
    """The dashboard."""
    frame = Frame(
        "anomaly",
        "Anomalies",
        "Which systems and series behave as they have not before, since when, because of which metrics, and how often.",
        (
            Variable("job", "pronoia_anomaly_score"),
            Variable("instance", 'pronoia_anomaly_score{job=~"$job"}'),
            Variable("metric", f"pronoia_anomaly_expected_lower{{{_OF}}}", is_multi=False),
        ),
        (
            Annotation(
                "Anomalies",
                f'ALERTS{{stem="anomaly", alertstate="firing", {_OF}}}',
                "{{alertname}} of {{system}}{{query}} {{instance}}: {{severity}}",
                "orange",
            ),
        ),
    )
    frame.row(
        "",
        number(
            "Systems beyond the line", "That are unusual now, those that are muted included.", "",
            Query(f'count(pronoia_anomaly_score{{system!="", {_OF}}} > 1) or vector(0)'), limits=(1.0, 10.0),
        ),
        number(
            "Series beyond the line", "Of queries whose series are watched one by one.", "",
            Query(f'count(pronoia_anomaly_score{{query!="", {_OF}}} > 1) or vector(0)'), limits=(1.0, 10.0),
        ),
        number(
            "Differ from siblings", "Instances that do what their siblings do not.", "",
            Query(f"count(pronoia_anomaly_peer_score{{{_OF}}} > 1) or vector(0)"), limits=(1.0, 10.0),
        ),
        number(
            "Muted", "Whose alerts keep quiet: by the configuration, or as somebody called one a false alarm.", "",
            Query(f"count(pronoia_anomaly_muted{{{_OF}}}) or vector(0)"),
        ),
        number(
            "Scored", "Systems and series of which it is known what is usual.", "",
            Query("sum(pronoia_anomaly_subjects)"),
        ),
        number(
            "Age of what is told", "Time since the scores that are oldest were made.", "seconds",
            Query("max(time() - pronoia_anomaly_made_timestamp_seconds)"), limits=(300.0, 900.0),
        ),
    )  # fmt: skip
    frame.row(
        "Unusual now",
        rows(
            "The most unusual",
            "Scores, of which 1 is the line, and for how long they have been beyond it without an hour's pause.",
            {
                "score": ("", _WORST),
                "for": ("seconds", _SINCE),
            },
            sort="score",
        ),
        rows(
            "Why",
            "What contributes most to scores beyond the line, negative where it is too low, and what is expected.",
            {
                "share": ("ratio", f"{_WHY} or vector(0)"),
                "at least": ("", f"(pronoia_anomaly_expected_lower{{{_OF}}} and {_WHY}) or vector(0)"),
                "at most": ("", f"(pronoia_anomaly_expected_upper{{{_OF}}} and {_WHY}) or vector(0)"),
            },
            sort="share",
        ),
    )
    frame.row(
        "Over time",
        lines(
            "Scores of systems",
            "All metrics of a system looked at together.",
            "",
            Query(f'pronoia_anomaly_score{{system!="", {_OF}}}', "{{system}} of {{instance}} {{pod}}"),
            limit=_LINE,
        ),
        lines(
            "Scores of series",
            "The twenty highest at each time.",
            "",
            Query(f'topk(20, pronoia_anomaly_score{{query!="", {_OF}}})', "{{query}} of {{instance}} {{pod}}"),
            limit=_LINE,
        ),
        lines(
            "Contributions",
            "Share of each metric in a score beyond the line, negative where the metric is too low.",
            "ratio",
            Query(f"{_WHY} or vector(0)", "{{metric}} of {{instance}} {{pod}}"),
        ),
        lines(
            "Scores beside siblings",
            "How much each differs from what its siblings do; only of queries with siblings.",
            "",
            Query(f"topk(20, pronoia_anomaly_peer_score{{{_OF}}}) or vector(0)", "{{query}} of {{instance}} {{pod}}"),
            limit=_LINE,
        ),
        lines(
            "Range expected of the chosen metric",
            "Between which bounds it is usual. The metric itself is what the query of that name says.",
            "",
            Query(f'pronoia_anomaly_expected_lower{{metric="$metric", {_OF}}}', "{{instance}} {{pod}} at least"),
            Query(f'pronoia_anomaly_expected_upper{{metric="$metric", {_OF}}}', "{{instance}} {{pod}} at most"),
            width=24,
        ),
    )
    frame.row(
        "How far to trust it",
        lines(
            "Episodes a day",
            "Times that each system or series went beyond the line, within a day: what was real, and false alarms.",
            "",
            Query(f"{_EPISODES} / {_DAYS}", "{{watch}}"),
            Query("max by (watch) (pronoia_anomaly_false_alarms_per_day_target)", "{{watch}}, false alarms aimed at"),
        ),
        lines(
            "Not scored",
            "Systems, series or metrics, by the reason.",
            "",
            Query("sum by (watch, reason) (pronoia_anomaly_skipped) or vector(0)", "{{watch}}: {{reason}}"),
        ),
        lines(
            "Learnt anew",
            "Systems and series of which it was learnt what is usual, in the last hour, by how it went.",
            "",
            Query("sum by (watch, outcome) (increase(pronoia_anomaly_fits_total[1h]))", "{{watch}}: {{outcome}}"),
        ),
        lines(
            "Alerts",
            "On anomalies, that fire.",
            "",
            Query(
                'count by (alertname, severity) (ALERTS{stem="anomaly", alertstate="firing"}) or vector(0)',
                "{{alertname}}, {{severity}}",
            ),
        ),
    )
    return frame
