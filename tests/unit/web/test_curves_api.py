"""Curves to draw: the last day and the forecast of one query's series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pronoia.series import AlignedFrame, Grid

from .conftest import NOW, STEP_MS, Exporter, query_forecast


def with_past(query: str = "cpu"):
    forecast = query_forecast(query)
    grid = Grid.ending_at(int(NOW * 1000), STEP_MS, 288)
    values = np.tile(np.arange(288.0) / 3.0, (2, 1))
    values[0, 5] = np.nan
    return replace(forecast, past=AlignedFrame(forecast.forecast.labels, grid, values), thresholds=(100.0,), unit="s")


def test_a_query_is_drawn_with_its_past_its_interval_and_its_thresholds(exporter: Exporter) -> None:
    exporter.publish(query_forecast("other"), with_past())
    body = exporter.client.get("/api/v1/curves?query=cpu&match[]={instance='b'}").get_json()
    assert body["status"] == "success"
    data = body["data"]
    assert (data["query"], data["unit"], data["level"], data["thresholds"]) == ("cpu", "s", 0.95, [100.0])
    assert data["past"] == {"startSeconds": NOW - 287 * 300, "stepSeconds": 300.0, "steps": 288}
    assert data["future"] == {"startSeconds": NOW + 300, "stepSeconds": 300.0, "steps": 289}
    (one,) = data["series"]
    assert one["metric"]["instance"] == "b"
    assert len(one["past"]) == 288
    assert (one["point"][0], one["lower"][0], one["upper"][0]) == (1000.0, 999.0, 1001.0)


def test_what_is_not_known_is_null_and_six_digits_are_enough(exporter: Exporter) -> None:
    exporter.publish(with_past())
    first = exporter.client.get("/api/v1/curves?query=cpu").get_json()["data"]["series"][0]
    assert first["past"][4:6] == [1.33333, None]


def test_pages_are_cut_and_say_so(exporter: Exporter) -> None:
    exporter.publish(with_past())
    body = exporter.client.get("/api/v1/curves?query=cpu&limit=1&offset=0").get_json()
    assert (body["data"]["total"], len(body["data"]["series"])) == (2, 1)
    assert body["warnings"] == ["results truncated due to limit"]


def test_a_forecast_without_a_past_has_none(exporter: Exporter) -> None:
    exporter.publish(query_forecast())
    data = exporter.client.get("/api/v1/curves?query=cpu").get_json()["data"]
    assert data["past"] is None
    assert data["series"][0]["past"] == []


def test_other_queries_and_parameters_are_refused(exporter: Exporter) -> None:
    exporter.publish(with_past())
    for asked, told in (("", "no forecast of a query ''; there are cpu"), ("?query=disk", "'disk'; there are cpu")):
        reply = exporter.client.get(f"/api/v1/curves{asked}")
        assert reply.status_code == 400
        assert told in reply.get_json()["error"]
    assert exporter.client.get("/api/v1/curves?query=cpu&step=1").status_code == 400
