"""/api/v1/anomalies tells what the snapshot holds."""

from dataclasses import replace

import pytest
from flask import Flask

from pronoia.predictions.snapshot import Snapshot
from pronoia.series import LabelSet
from pronoia.web.anomalies_api import AnomaliesApi
from pronoia.web.api_json import ApiError
from support.risks import anomaly_watch

WATCH = anomaly_watch(100.0)


class Source:
    def __init__(self, muted: dict[str, frozenset[LabelSet]]) -> None:
        self.muted = muted

    def snapshot(self, now_seconds: float) -> Snapshot:
        watches = (WATCH, replace(WATCH, name="shop"))
        return Snapshot(100.0, anomalies=watches, muted=self.muted).current(now_seconds)


def _ask(query: str, muted: dict[str, frozenset[LabelSet]] | None = None):
    with Flask("test").test_request_context(f"/api/v1/anomalies{query}"):
        return AnomaliesApi(Source(muted or {}), lambda: 110.0).anomalies().get_json()["data"]


def test_the_most_unusual_comes_first_with_what_makes_it_so():
    told = _ask("?watch=node")
    assert told["total"] == 3
    first, second, third = told["anomalies"]
    assert (first["system"], first["metric"]) == ("node", {"instance": "b"})
    assert (first["score"], first["is_anomalous"], first["direction"], first["since"]) == (2.5, True, "low", -500.0)
    assert first["metrics"][0] == {
        "name": 'disk{device="sda"}',
        "value": 0.1,
        "expected": {"lower": 0.4, "upper": 0.6},
        "share": 0.9,
    }
    assert first["model"] == {"detector": "ensemble", "false_alarms_per_day": 0.1, "fitted_at": -3500.0}
    assert (second["is_anomalous"], second["is_muted"]) == (False, True)
    assert (third["score"], third["metrics"]) == (None, [])


def test_what_somebody_called_a_false_alarm_is_muted_in_its_watch_alone():
    muted = {"anomaly:shop": frozenset({LabelSet({"instance": "b"})})}
    told = _ask('?match[]={instance="b"}', muted)["anomalies"]
    assert {each["system"]: each["is_muted"] for each in told} == {"node": False, "shop": True}


def test_a_page_of_what_is_selected():
    told = _ask('?match[]={instance="b"}&limit=1')
    assert (told["total"], len(told["anomalies"])) == (2, 1)


@pytest.mark.parametrize(
    ("query", "reason"), [("?watch=nodes", "there are node, shop"), ("?match[]={", "match"), ("?system=node", "watch")]
)
def test_what_cannot_be_answered_says_what_would_be_right(query, reason):
    with pytest.raises(ApiError, match=reason):
        _ask(query)
