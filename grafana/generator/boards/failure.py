"""`failure`: what will break, when, why, and which of the user's own alerts will fire."""

from __future__ import annotations

from frame import Annotation, Frame, Variable
from panels import Query, lines, number, rows

_OF = 'job=~"$job", instance=~"$instance", failure=~"$failure", failure!="any"'


def board() -> Frame:
    """The dashboard."""
    frame = Frame(
        "failure",
        "Failures",
        "Which failure of which system comes within 15 minutes to a day, why, and which alerts of your own will fire.",
        (
            Variable("job", "pronoia_failure_probability"),
            Variable("instance", 'pronoia_failure_probability{job=~"$job"}'),
            Variable("failure", "pronoia_failure_probability"),
            Variable("horizon", "pronoia_failure_probability", is_multi=False),
        ),
        (
            Annotation(
                "Failures predicted",
                'ALERTS{alertname=~"(Oom|DiskFull|NetworkTimeout|Failure)Predicted", alertstate="firing",'
                ' job=~"$job", instance=~"$instance"}',
                "{{alertname}} of {{instance}}: {{severity}}",
                "orange",
            ),
        ),
    )
    frame.row(
        "",
        rows(
            "At risk",
            "The most probable failures within the chosen horizon, with bounds.",
            {
                "probability": ("ratio", f'topk(20, pronoia_failure_probability{{horizon="$horizon", {_OF}}})'),
                "at least": ("ratio", f'pronoia_failure_probability_lower{{horizon="$horizon", {_OF}}}'),
                "at most": ("ratio", f'pronoia_failure_probability_upper{{horizon="$horizon", {_OF}}}'),
            },
            hidden=("horizon",),
            sort="probability",
            width=14,
        ),
        rows(
            "Why",
            "What speaks for the failure most, as its share in the log-odds, and against it where it is negative.",
            {"share": ("", 'topk(20, pronoia_attribution{stem="failure", instance=~"$instance"}) or vector(0)')},
            hidden=("stem",),
            sort="share",
            width=10,
        ),
    )
    frame.row(
        "What is foretold",
        lines(
            "Probability of a failure",
            "Within the chosen horizon, of each system.",
            "ratio",
            Query(f'pronoia_failure_probability{{horizon="$horizon", {_OF}}}', "{{failure}} of {{instance}}"),
        ),
        lines(
            "Probability of any failure",
            "Within the chosen horizon, of each system: at least that of the likeliest.",
            "ratio",
            Query(
                'pronoia_failure_probability{horizon="$horizon", failure="any", instance=~"$instance"} or vector(0)',
                "{{instance}}",
            ),
        ),
        lines(
            "Time to the failure",
            "At which it is as likely as not; infinite where none is expected.",
            "seconds",
            Query(f"pronoia_failure_time_seconds{{{_OF}}} or vector(Inf)", "{{failure}} of {{instance}}"),
        ),
        lines(
            "Severity",
            "Systems by the severity of what is foretold of them: critical within 15 minutes, high within an hour.",
            "",
            Query(f"sum by (severity) (pronoia_failure_severity{{{_OF}}})", "{{severity}}"),
        ),
        lines(
            "Signal that presses most",
            "Systems by the signal that leads to the failure soonest.",
            "",
            Query(f"count by (failure, signal) (pronoia_failure_signal_info{{{_OF}}})", "{{failure}}: {{signal}}"),
        ),
    )
    frame.row(
        "Alerts of your own",
        lines(
            "Probability that an alert begins to fire",
            "Learnt from when it fired before; absent while it fires, and where failure.learnt_alerts is off.",
            "ratio",
            Query(
                "max by (alertname, horizon) (pronoia_alert_probability) or vector(0)",
                "{{alertname}} within {{horizon}}",
            ),
        ),
        number(
            "Failures learnt from",
            "Of all kinds; with none a prior of signals on their way to limits speaks alone.",
            "",
            Query('sum(pronoia_failure_model_events{failure=~"$failure", failure!="any"})'),
        ),
        number(
            "Firings learnt from",
            "Of your own alerts.",
            "",
            Query("sum(pronoia_alert_firings) or vector(0)"),
        ),
        number(
            "Age of what is told",
            "Time since probabilities of failures were last made.",
            "seconds",
            Query('max(time() - pronoia_failure_made_timestamp_seconds{failure=~"$failure"})'),
            limits=(300.0, 900.0),
        ),
    )
    return frame
