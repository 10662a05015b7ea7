"""`/api/v1/forecasts` tells which model speaks for a series, and refuses what it does not understand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import NOW, query_forecast

if TYPE_CHECKING:
    from typing import Any

    from .conftest import Exporter

PATH = "/api/v1/forecasts"


def data(exporter: Exporter, query_string: Any = None) -> Any:
    response = exporter.client.get(PATH, query_string=query_string)
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.json["status"] == "success"
    return response.json["data"]


def test_a_series_is_told_with_its_model_weights_loss_and_interval_factors(exporter: Exporter) -> None:
    exporter.publish(query_forecast())
    first, second = data(exporter)["forecasts"]
    assert first == {
        "query": "cpu",
        "metric": {"__name__": "node_load1", "instance": "a", "job": "node"},
        "model": "naive",
        "fitted_at": NOW - 600,
        "loss_ratio": 0.8,
        "weights": [
            {"from_seconds": 300, "members": {"analogs": 0.7, "persistence": 0.3}},
            {"from_seconds": 1_200, "members": {"analogs": 0.8, "persistence": 0.2}},
        ],
        "interval_factors": [
            {"horizon_seconds": 300, "lower": 1.0, "upper": 1.0},
            {"horizon_seconds": 86_400, "lower": 1.25, "upper": 0.5},
        ],
    }
    assert second["weights"] == []
    assert second["loss_ratio"] is None


def test_series_are_chosen_by_query_and_by_any_of_several_selectors(exporter: Exporter) -> None:
    exporter.publish(query_forecast("cpu"), query_forecast("load"))
    assert data(exporter)["total"] == 4
    assert {each["query"] for each in data(exporter, {"query": "load"})["forecasts"]} == {"load"}
    chosen = data(exporter, {"query": "cpu", "match[]": ['{instance="b"}', "up"]})["forecasts"]
    assert [each["metric"]["instance"] for each in chosen] == ["b"]
    assert data(exporter, {"match[]": 'node_load1{instance=~"a|b"}'})["total"] == 4


def test_many_series_come_in_pages_and_a_cut_is_told(exporter: Exporter) -> None:
    exporter.publish(query_forecast("cpu"), query_forecast("load"))
    page = exporter.client.get(PATH, query_string={"limit": 3}).json
    assert (page["data"]["total"], len(page["data"]["forecasts"])) == (4, 3)
    assert page["warnings"] == ["results truncated due to limit"]
    rest = exporter.client.get(PATH, query_string={"limit": 3, "offset": 3}).json
    assert len(rest["data"]["forecasts"]) == 1
    assert "warnings" not in rest


def test_before_the_first_forecast_there_is_nothing_and_that_is_no_error(exporter: Exporter) -> None:
    assert data(exporter) == {"total": 0, "forecasts": []}


@pytest.mark.parametrize(
    ("query_string", "message"),
    [
        ("query=memory", "invalid parameter \"query\": no forecast of a query 'memory'; there are cpu"),
        ("limit=0", "invalid parameter \"limit\": '0' is not a whole number from 1 to 1000"),
        ("limit=1001", "invalid parameter \"limit\": '1001' is not a whole number from 1 to 1000"),
        ("offset=-1", "invalid parameter \"offset\": '-1' is not a whole number from 0 to 1000000000"),
        ("limit=%C2%B2", "invalid parameter \"limit\": '²' is not a whole number from 1 to 1000"),
        ("match=up", 'unknown parameter "match", known are query, match[], limit, offset'),
        ("match[]=rate(up[5m])", 'invalid parameter "match[]": '),
        ("match[]=up{", 'invalid parameter "match[]": '),
        ("match[]=", 'invalid parameter "match[]": '),
    ],
)
def test_what_it_does_not_understand_is_one_clear_error(exporter: Exporter, query_string: str, message: str) -> None:
    exporter.publish(query_forecast())
    response = exporter.client.get(f"{PATH}?{query_string}")
    assert response.status_code == 400
    assert response.json["status"] == "error"
    assert response.json["errorType"] == "bad_data"
    assert response.json["error"].startswith(message)
    assert "\n" not in response.json["error"]
