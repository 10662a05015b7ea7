from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask

from pronoia.predictions.snapshot import Snapshot
from pronoia.web import api_json
from pronoia.web.api_json import ApiError
from pronoia.web.bottlenecks_api import BottlenecksApi
from pronoia.web.query_status import query_statuses
from support.risks import bottleneck_risk

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NOW = 1_700_000_000.0
SNAPSHOT = Snapshot(NOW, bottlenecks=(bottleneck_risk(NOW), bottleneck_risk(NOW, resource="memory")))


class Holder:
    def snapshot(self, now_seconds: float) -> Snapshot:
        return SNAPSHOT.current(now_seconds)


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    app.add_url_rule("/api/v1/bottlenecks", view_func=BottlenecksApi(Holder(), lambda: NOW).bottlenecks)
    app.register_error_handler(ApiError, api_json.failure)
    return app.test_client()


def test_all_that_is_known_of_a_system_is_told(client: FlaskClient) -> None:
    answer = client.get("/api/v1/bottlenecks", query_string={"resource": "cpu", "match[]": '{instance="a"}'}).get_json()
    assert answer["status"] == "success"
    assert answer["data"]["total"] == 1
    (told,) = answer["data"]["bottlenecks"]
    assert told["metric"] == {"instance": "a"}
    assert (told["utilization"], told["threshold"], told["severity"]) == (0.4, 0.9, 6)
    assert told["eta"] == {"seconds": 1200.0, "lower_seconds": 600.0, "upper_seconds": None}
    assert told["probabilities"][1] == {
        "horizon": "30m",
        "horizon_seconds": 1800,
        "state": {"probability": 0.7, "lower": 0.35, "upper": 0.84},
        "onset": {"probability": 0.6, "lower": 0.3, "upper": 0.72},
    }
    assert told["causes"][0] == {"feature": "load_lag_1", "words": "the load 5 minutes ago", "log_odds": 1.25}
    assert told["model"] == {"source": "prior", "fitted_at": None, "events": 0, "neural": False}
    assert told["is_young"] is False


def test_the_most_severe_comes_first_and_what_has_no_meaning_is_null(client: FlaskClient) -> None:
    data = client.get("/api/v1/bottlenecks", query_string={"limit": 1}).get_json()
    assert data["warnings"] == ["results truncated due to limit"]
    (worst,) = data["data"]["bottlenecks"]
    assert worst["metric"] == {"instance": "b"}
    assert worst["probabilities"][0]["onset"] is None


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"resource": "gpu"}, "nothing is known of 'gpu'; there are cpu, memory"),
        ({"query": "cpu"}, 'unknown parameter "query"'),
        ({"match[]": "{"}, 'invalid parameter "match[]"'),
        ({"limit": "0"}, "not a whole number from 1 to 1000"),
    ],
)
def test_a_wrong_parameter_is_refused(client: FlaskClient, parameters: dict, problem: str) -> None:
    answer = client.get("/api/v1/bottlenecks", query_string=parameters)
    assert answer.status_code == 400
    assert problem in answer.get_json()["error"]


def test_the_status_page_has_a_row_for_each_resource() -> None:
    rows = {row.query: row for row in query_statuses(SNAPSHOT)}
    assert list(rows) == ["bottleneck:cpu", "bottleneck:memory"]
    assert rows["bottleneck:cpu"].n_series == 2
