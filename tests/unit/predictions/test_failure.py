from dataclasses import replace

import numpy as np
import pytest

from pronoia.predictions.failure import AlertRisk, FailureRisk
from pronoia.series.labels import LabelSet

RISK = FailureRisk(
    failure="oom",
    labels=(LabelSet({"instance": "a"}), LabelSet({"instance": "b"})),
    made_at_seconds=1_000.0,
    max_age_seconds=60.0,
    horizons_seconds=(900, 3600),
    probability=np.array([[0.2, 0.4], [np.nan, np.nan]]),
    lower=np.array([[0.1, 0.2], [np.nan, np.nan]]),
    upper=np.array([[0.3, 0.9], [np.nan, np.nan]]),
    time_seconds=np.array([np.nan, np.nan]),
    time_lower_seconds=np.array([np.nan, np.nan]),
    time_upper_seconds=np.array([np.nan, np.nan]),
    severity=("low", "low"),
    signals=("memory", ""),
    causes=((), ()),
    actions=(),
    n_events=0,
    speaker="trend",
)


def test_it_may_be_shown_until_it_is_too_old():
    assert RISK.n_subjects == 2
    assert RISK.is_current(1_050.0)
    assert not RISK.is_current(1_070.0)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"probability": np.array([[0.2, 0.1], [np.nan, np.nan]])}, "lower <= probability|falls"),
        ({"upper": np.array([[0.1, 0.9], [np.nan, np.nan]])}, "does not hold"),
        ({"lower": np.zeros((2, 2))}, "not known where"),
        ({"probability": np.zeros((1, 2))}, "has shape"),
        ({"severity": ("low",)}, "severity of 1"),
        ({"speaker": "oracle"}, "oracle"),
        ({"time_seconds": np.array([5.0, np.nan])}, "earliest <= time"),
    ],
)
def test_what_cannot_be_is_refused(change, complaint):
    with pytest.raises(ValueError, match=complaint):
        replace(RISK, **change)


def test_alerts_grow_with_the_horizon():
    labels = (LabelSet({"alertname": "Backup"}),)
    AlertRisk(labels, 0.0, 60.0, (900, 3600), np.array([[0.1, 0.2]]), np.array([3]))
    with pytest.raises(ValueError, match="grow"):
        AlertRisk(labels, 0.0, 60.0, (900, 3600), np.array([[0.3, 0.2]]), np.array([3]))
