"""`bottleneck`: which resource runs out, when, why, and how often that was right."""

from __future__ import annotations

from frame import Annotation, Frame, Variable
from panels import Query, lines, number, rows

_OF = 'job=~"$job", instance=~"$instance", resource=~"$resource"'
_WITHIN = f'target="state", horizon="30m", {_OF}'
_OWN = 'resource=~"$resource"'


def board() -> Frame:
    """The dashboard."""
    frame = Frame(
        "bottleneck",
        "Bottlenecks",
        "Which resource of which system runs out within half an hour, why, and what became of such predictions.",
        (
            Variable("job", "pronoia_bottleneck_probability"),
            Variable("instance", 'pronoia_bottleneck_probability{job=~"$job"}'),
            Variable("resource", "pronoia_bottleneck_probability"),
        ),
        (
            Annotation(
                "Overloads predicted",
                f'ALERTS{{alertname="BottleneckPredicted", alertstate="firing", {_OF}}}',
                "{{resource}} of {{instance}}: {{severity}}",
                "orange",
            ),
            Annotation(
                "Overloads",
                f'ALERTS{{alertname="Bottleneck", alertstate="firing", {_OF}}}',
                "{{resource}} of {{instance}} is overloaded",
                "red",
            ),
        ),
    )
    frame.row(
        "",
        rows(
            "At risk",
            "The most probable overloads within 30 minutes, with bounds, the time to them and their severity.",
            {
                "probability": ("ratio", f"topk(20, pronoia_bottleneck_probability{{{_WITHIN}}})"),
                "at least": ("ratio", f"pronoia_bottleneck_probability_lower{{{_WITHIN}}}"),
                "at most": ("ratio", f"pronoia_bottleneck_probability_upper{{{_WITHIN}}}"),
            },
            hidden=("target", "horizon"),
            sort="probability",
            width=14,
        ),
        rows(
            "Why",
            "What moved the probability most, as its share in the log-odds (TreeSHAP); of likely overloads only. "
            "docs/causes.md has each in words.",
            {"share": ("", 'topk(20, pronoia_attribution{stem="bottleneck", instance=~"$instance"}) or vector(0)')},
            hidden=("stem",),
            sort="share",
            width=10,
        ),
    )
    frame.row(
        "What was foretold, and what came",
        lines(
            "Probability of an overload within 30 minutes",
            "State: the threshold is reached at some time within the horizon.",
            "ratio",
            Query(f"pronoia_bottleneck_probability{{{_WITHIN}}}", "{{resource}} of {{instance}}"),
        ),
        lines(
            "Load and threshold",
            "The newest utilisation that predictions know of, in its own unit, and where an overload begins.",
            "ratio",
            Query(f"pronoia_bottleneck_utilization_ratio{{{_OF}}}", "{{resource}} of {{instance}}"),
            Query(f"max by (resource) (pronoia_bottleneck_threshold_ratio{{{_OF}}})", "threshold of {{resource}}"),
        ),
        lines(
            "Probability of a new overload",
            "Onset: an overload begins within the horizon, from a clean state; told of systems that are in one.",
            "ratio",
            Query(
                f'max by (resource, horizon) (pronoia_bottleneck_probability{{target="onset", {_OF}}})',
                "{{resource}} within {{horizon}}, the highest",
            ),
        ),
        lines(
            "Severity",
            "From 1 to 10: probability within the longest horizon, time left, and how far above the threshold.",
            "",
            Query(f"pronoia_bottleneck_severity{{{_OF}}}", "{{resource}} of {{instance}}"),
        ),
        lines(
            "Time to the overload",
            "Expected time until the threshold is reached, 0 while it is; absent where that is not expected.",
            "seconds",
            Query(f"pronoia_bottleneck_eta_seconds{{{_OF}}} or vector(Inf)", "{{resource}} of {{instance}}"),
        ),
        lines(
            "Overloads that began",
            "In the last hour, by whether they had been warned of for a quarter of an hour without a break.",
            "",
            Query(
                f"sum by (resource, announced) (increase(pronoia_bottleneck_onsets_total{{{_OWN}}}[1h]))",
                "{{resource}}, announced: {{announced}}",
            ),
        ),
    )
    frame.row(
        "How far to trust it",
        number(
            "Mean lead",
            "How long before it began an overload had been warned of, of those lately that were.",
            "seconds",
            Query(f"avg(pronoia_bottleneck_lead_seconds{{{_OWN}}})"),
        ),
        number(
            "Speaks: local models",
            "Resources whose classifiers were fitted to local history; the shipped prior speaks for the others.",
            "",
            Query(f'count(pronoia_bottleneck_model_info{{source="local", {_OWN}}}) or vector(0)'),
        ),
        number(
            "Compared with what came",
            "Probabilities that have come due since the exporter started.",
            "",
            Query(f"sum(pronoia_bottleneck_matured_total{{{_OWN}}})"),
        ),
        lines(
            "Live precision and recall",
            "Of probabilities at or above the level warning, within 30 minutes: the share that came true, and the "
            "share of overloads that were spoken of.",
            "ratio",
            Query(
                f'pronoia_bottleneck_precision_ratio{{target="state", horizon="30m", {_OWN}}}',
                "precision, {{resource}}",
            ),
            Query(f'pronoia_bottleneck_recall_ratio{{target="state", horizon="30m", {_OWN}}}', "recall, {{resource}}"),
        ),
        lines(
            "Brier skill",
            "How much better probabilities are than always saying the base rate: 1 is perfect, 0 no better.",
            "ratio",
            Query(f'pronoia_bottleneck_brier_skill_ratio{{target="state", {_OWN}}}', "{{resource}} within {{horizon}}"),
        ),
    )
    return frame
