"""What a condition of the guide looks at: its names, and the metrics and alerts that they stand for here."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Prediction:
    """One of the guide's names.

    Args:
        metric: the gauge it stands for.
        runbook: name of the page that says what to do.
        lower: the gauge of its lower bound, by which doubt keeps quiet; empty if there is none.
        matchers: fixed label matchers, such as `target="state"`.
        has_horizon: whether the gauge is told by horizon.
        ours: labels of ours that the gauge has and what it is compared with has not.
        exclude: PromQL of what is so already and need not be foretold; empty if nothing is.
        muted: the gauge that says where somebody called it a false alarm; empty if there is none.
        actual: alerts that say that it has come true.
        is_predictive: false for what speaks of now.
        subject: the label that says of what it speaks.
        stem: value of the label `stem`, which alerts on anomalies have.
        renamed: labels of the gauge that the alert has for itself; they are called `predicted_alertname` and so on.
    """

    metric: str
    runbook: str
    lower: str = ""
    matchers: tuple[str, ...] = ()
    has_horizon: bool = False
    ours: tuple[str, ...] = ()
    exclude: str = ""
    muted: str = ""
    actual: tuple[str, ...] = ()
    is_predictive: bool = True
    subject: str = ""
    stem: str = ""
    renamed: tuple[str, ...] = ()


#: The guide's names. All are shares or probabilities, but for the anomaly score, of which 1 is the line to act on.
PREDICTIONS = MappingProxyType(
    {
        "bottleneck_probability": Prediction(
            "pronoia_bottleneck_probability",
            "bottleneck",
            lower="pronoia_bottleneck_probability_lower",
            matchers=('target="state"',),
            has_horizon=True,
            ours=("target", "horizon"),
            exclude="last_over_time(pronoia_bottleneck_utilization_ratio[5m])\n"
            "  >= last_over_time(pronoia_bottleneck_threshold_ratio[5m])",
            muted="pronoia_bottleneck_muted",
            actual=("Bottleneck",),
            subject="resource",
        ),
        "failure_probability": Prediction(
            "pronoia_failure_probability",
            "failure",
            lower="pronoia_failure_probability_lower",
            # That any of them happens is no failure besides.
            matchers=('failure!="any"',),
            has_horizon=True,
            ours=("horizon",),
            exclude="last_over_time(pronoia_failure_happening[5m]) == 1",
            muted="pronoia_failure_muted",
            actual=("OutOfMemory", "DiskFull", "NetworkTimeout", "Failure"),
            subject="failure",
        ),
        "alert_probability": Prediction(
            "pronoia_alert_probability",
            "failure",
            has_horizon=True,
            ours=("horizon",),
            subject="predicted_alertname",
            renamed=("alertname", "severity"),
        ),
        "optimization_opportunity": Prediction(
            "pronoia_optimization_opportunity_ratio", "rightsizing", is_predictive=False, subject="workload"
        ),
        "anomaly_score": Prediction(
            "pronoia_anomaly_score",
            "anomaly",
            muted="pronoia_anomaly_muted",
            is_predictive=False,
            subject="system",
            stem="anomaly",
        ),
    }
)

#: Labels that tell one system, or part of one, from another: an actual alert inhibits the prediction of the same.
IDENTITY_LABELS = (
    "cluster",
    "namespace",
    "job",
    "instance",
    "pod",
    "container",
    "workload",
    "device",
    "mountpoint",
    "persistentvolumeclaim",
    "resource",
    "failure",
    "query",
    "system",
)
#: Those among them that only Pronoia gives, and threshold: alerts of others do not have them.
SUBJECT_LABELS = ("resource", "failure", "query", "system", "threshold", "predicted_alertname")

#: Alerts of the rule files that come with Pronoia: what is predicted, what says that it is so, and what must be equal.
SHIPPED_TWINS = (
    ("BottleneckPredicted", ("Bottleneck",), IDENTITY_LABELS),
    ("DiskFillingUpPredicted", ("DiskFull",), IDENTITY_LABELS),
    ("DiskFullPredicted", ("DiskFull",), IDENTITY_LABELS),
    ("OomPredicted", ("OutOfMemory",), IDENTITY_LABELS),
    ("NetworkTimeoutPredicted", ("NetworkTimeout",), IDENTITY_LABELS),
    ("FailurePredicted", ("Failure",), IDENTITY_LABELS),
    ("ThresholdCrossingPredicted", ("ThresholdCrossing",), (*IDENTITY_LABELS, "threshold")),
)
