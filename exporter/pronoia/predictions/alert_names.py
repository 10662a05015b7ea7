"""What alerts on predictions are called: those of the rule files that are shipped, and those of configurations."""

from __future__ import annotations

import re

#: Predicted alerts of the rule files that come with Pronoia.
SHIPPED_PREDICTED = (
    "BottleneckPredicted",
    "DiskFillingUpPredicted",
    "DiskFullPredicted",
    "OomPredicted",
    "NetworkTimeoutPredicted",
    "FailurePredicted",
    "ThresholdCrossingPredicted",
)


def alert_name(name: str, *, is_predictive: bool) -> str:
    """A name of the configuration as the name of an alert.

    >>> alert_name("disk-usage.predicted", is_predictive=True), alert_name("queue_depth", is_predictive=False)
    ('DiskUsagePredicted', 'QueueDepth')
    """
    words = [word[0].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    if is_predictive and words[-1].lower() != "predicted":
        words.append("Predicted")
    return "".join(words)
