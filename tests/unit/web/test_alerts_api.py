"""/api/v1/alerts tells how likely the user's own alerts begin to fire."""

import numpy as np
import pytest
from flask import Flask

from pronoia.predictions.failure import AlertRisk
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import LabelSet
from pronoia.web.alerts_api import AlertsApi
from pronoia.web.api_json import ApiError

RISK = AlertRisk(
    labels=tuple(LabelSet({"alertname": name, "job": "batch"}) for name in ("Report", "Backup", "Fires")),
    made_at_seconds=100.0,
    max_age_seconds=60.0,
    horizons_seconds=(900, 3_600),
    probability=np.array([[0.1, 0.2], [0.7, 0.9], [np.nan, np.nan]]),
    n_firings=np.array([3, 23, 1]),
)


class Source:
    def __init__(self, risk: AlertRisk | None) -> None:
        self.risk = risk

    def snapshot(self, now_seconds: float) -> Snapshot:
        return Snapshot(100.0, alerts=self.risk).current(now_seconds)


def _ask(query: str = "", risk: AlertRisk | None = RISK):
    with Flask("test").test_request_context(f"/api/v1/alerts{query}"):
        return AlertsApi(Source(risk), lambda: 110.0).alerts().get_json()["data"]


def test_the_likeliest_comes_first_with_what_it_was_learnt_from():
    told = _ask()
    assert [each["alert"] for each in told["alerts"]] == ["Backup", "Report", "Fires"]
    first, _, firing = told["alerts"]
    assert first["metric"] == {"alertname": "Backup", "job": "batch"}
    assert first["probabilities"][1] == {"horizon": "1h", "horizon_seconds": 3_600, "probability": 0.9}
    assert first["model"] == {"speaker": "recurrence", "firings": 23}
    assert (first["firing"], firing["firing"]) == (False, True)
    assert firing["probabilities"][0]["probability"] is None


def test_alerts_are_selected_and_paged():
    assert [each["alert"] for each in _ask("?match[]={alertname='Report'}")["alerts"]] == ["Report"]
    assert (_ask("?limit=1")["total"], len(_ask("?limit=1")["alerts"])) == (3, 1)


def test_where_none_are_learnt_there_are_none():
    assert _ask(risk=None) == {"total": 0, "alerts": []}


def test_unknown_parameters_are_refused():
    with pytest.raises(ApiError):
        _ask("?failure=oom")
