"""Risks as the classifiers would give them, without any classifier."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronoia.predictions.anomaly_watch import AnomalyWatch, MetricState
from pronoia.predictions.bottleneck import BottleneckRisk, Cause, RiskModel
from pronoia.predictions.failure import FailureRisk
from pronoia.series import LabelSet

HORIZONS_SECONDS = (900, 1800, 3600, 14_400)


def bottleneck_risk(made_at_seconds: float = 1_700_000_000.0, **changes: Any) -> BottleneckRisk:
    """Two machines: one that will be overloaded in twenty minutes, one that is overloaded now."""
    point = np.array([[[0.1, 0.7, 0.8, 0.9], [0.05, 0.6, 0.7, 0.8]], [[0.99, 1.0, 1.0, 1.0], [np.nan] * 4]])
    facts: dict[str, Any] = {
        "resource": "cpu",
        "labels": (LabelSet({"instance": "a"}), LabelSet({"instance": "b"})),
        "made_at_seconds": made_at_seconds,
        "max_age_seconds": 600.0,
        "horizons_seconds": HORIZONS_SECONDS,
        "probability": point,
        "lower": 0.5 * point,
        "upper": np.minimum(1.2 * point, 1.0),
        "level": 0.95,
        "eta_seconds": np.array([1200.0, 0.0]),
        "eta_lower_seconds": np.array([600.0, 0.0]),
        "eta_upper_seconds": np.array([np.inf, 0.0]),
        "severity": np.array([6, 9]),
        "utilisation": np.array([0.4, 0.95]),
        "threshold": 0.9,
        "causes": ((Cause("load_lag_1", 1.25), Cause("weekday", -0.5)), ()),
        "model": RiskModel("prior"),
        "is_young": np.array([False, True]),
    }
    return BottleneckRisk(**(facts | changes))


def failure_risk(made_at_seconds: float = 1_700_000_000.0, failure: str = "oom") -> FailureRisk:
    """Two machines: one whose memory runs out in twenty minutes, and one of which nothing is expected."""
    probability = np.array([[0.7, 0.9], [0.1, 0.2]])
    return FailureRisk(
        failure, (LabelSet({"instance": "a"}), LabelSet({"instance": "b"})), made_at_seconds, 600.0, (900, 3600),
        probability, 0.5 * probability, probability,
        np.array([1200.0, np.nan]), np.array([600.0, np.nan]), np.array([np.inf, np.nan]),
        ("critical", "low"), ("memory", ""), ((Cause("headroom_used_up", 2.0),), ()), ("restart it",), 0, "trend",
    )  # fmt: skip


def anomaly_watch(made_at_seconds: float = 1_700_000_000.0, **changes: Any) -> AnomalyWatch:
    """Three machines: one that is as always, one whose disk is odd for ten minutes, and one that is not known yet."""
    cpu = MetricState("cpu", 0.5, 0.4, 0.6, 0.1)
    disk = MetricState('disk{device="sda"}', 0.1, 0.4, 0.6, 0.9)
    facts: dict[str, Any] = {
        "kind": "system",
        "name": "node",
        "labels": tuple(LabelSet({"instance": name}) for name in "abc"),
        "made_at_seconds": made_at_seconds,
        "max_age_seconds": 600.0,
        "score": np.array([0.25, 2.5, np.nan]),
        "direction": np.array([1.0, -1.0, np.nan]),
        "since_seconds": np.array([np.nan, made_at_seconds - 600.0, np.nan]),
        "fitted_at_seconds": np.array([made_at_seconds - 3_600.0, made_at_seconds - 3_600.0, np.nan]),
        "metrics": ((cpu, disk), (disk, cpu), ()),
        "n_told": 1,
        "peer_score": np.array([0.5, 1.5, np.nan]),
        "quiet": frozenset({LabelSet({"instance": "a"})}),
        "skipped": {"warm_up": 1},
    }
    return AnomalyWatch(**(facts | changes))
