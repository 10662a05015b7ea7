"""/api/v1/failures tells what the snapshot holds."""

from dataclasses import replace

import numpy as np
import pytest
from flask import Flask

from pronoia.predictions.bottleneck import Cause
from pronoia.predictions.failure import FailureRisk
from pronoia.predictions.snapshot import Snapshot
from pronoia.series.labels import LabelSet
from pronoia.web.api_json import ApiError
from pronoia.web.failures_api import FailuresApi

NAN = np.nan
RISK = FailureRisk(
    failure="oom",
    labels=tuple(LabelSet({"instance": name}) for name in "ab"),
    made_at_seconds=100.0,
    max_age_seconds=60.0,
    horizons_seconds=(900,),
    probability=np.array([[0.1], [0.7]]),
    lower=np.array([[0.0], [0.5]]),
    upper=np.array([[0.3], [0.9]]),
    time_seconds=np.array([NAN, 300.0]),
    time_lower_seconds=np.array([NAN, 100.0]),
    time_upper_seconds=np.array([NAN, np.inf]),
    severity=("low", "critical"),
    signals=("", "memory"),
    causes=((), (Cause("headroom_used_up", 2.0),)),
    actions=("Restart it.",),
    n_events=0,
    speaker="trend",
    happening=frozenset({0}),
)


class Source:
    def snapshot(self, now_seconds: float) -> Snapshot:
        return Snapshot(100.0, failures=(RISK, replace(RISK, failure="disk_full"))).current(now_seconds)


def _ask(query: str):
    with Flask("test").test_request_context(f"/api/v1/failures{query}"):
        return FailuresApi(Source(), lambda: 110.0).failures().get_json()["data"]


def test_the_likeliest_comes_first_with_time_causes_and_actions():
    told = _ask("?failure=oom")
    assert told["total"] == 2
    first, second = told["failures"]
    assert first["metric"] == {"instance": "b"}
    assert first["time_to_failure"] == {"seconds": 300.0, "lower_seconds": 100.0, "upper_seconds": None}
    assert first["probabilities"] == [
        {"horizon": "15m", "horizon_seconds": 900, "probability": 0.7, "lower": 0.5, "upper": 0.9}
    ]
    assert first["causes"] == [{"feature": "headroom_used_up", "log_odds": 2.0}]
    assert (first["signal"], first["recommended_actions"]) == ("memory", ["Restart it."])
    assert (second["time_to_failure"], second["signal"]) == (None, None)
    assert (first["happening"], second["happening"]) == (False, True)


def test_series_are_selected_and_paged():
    assert _ask("?match[]={instance='a'}")["total"] == 2
    assert len(_ask("?limit=1")["failures"]) == 1


def test_an_unknown_failure_is_named_with_those_there_are():
    with pytest.raises(ApiError, match="oom, disk_full"):
        _ask("?failure=flood")
